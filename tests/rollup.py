"""A lake of closed days beside a running stack's own, registered and rolled up by processes of our services."""

import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import urllib3
from psycopg.rows import dict_row
from pymetastore.hive_metastore import ThriftHiveMetastore
from thrift.protocol.TBinaryProtocol import TBinaryProtocol
from thrift.transport.TSocket import TSocket
from thrift.transport.TTransport import TBufferedTransport

from deploy import ports, s3_users
from deploy.paths import ROOT
from deploy.patience import until
from deploy.rights import RIGHTS
from deploy.service_environments import environments
from deploy.stack import HOST, Stack
from deploy.topic import PARTITIONS
from eyeshot.commit_log import DataFile, Draft, Manifest, OffsetRange, next_offsets
from eyeshot.lake.log import CommitLog
from eyeshot.lake.open_file import OpenFile
from eyeshot.lake.s3 import S3Store
from eyeshot.lake.schema import decoded_schema
from eyeshot.live import LiveTable, folder
from eyeshot.settings import S3
from eyeshot.table import EVENTS, Slot, file_key, partition_values

SECONDS = 120.0
TABLE = """
SELECT zone, day::text, site, page, link, placement, impressions, clicks, page_views, page_views_of_page, visible_ms,
    timed_impressions, viewable_rate, mean_visible_ms
FROM eyeshot.rollup ORDER BY zone, day, site, page, link, placement"""
Row = dict[str, Any]


class NotYet(Exception):
    """What a test waits for has not happened; the text says how far it is."""


def a_row(received_at: datetime, **changes: Any) -> Row:
    """A row of `events`; times are UTC."""
    at = received_at.replace(tzinfo=None)
    number = next(_NUMBERS)
    return {
        "site": "demo",
        "page": "https://news.example/a",
        "page_view_id": f"{number:022d}",
        "source": "page",
        "sequence": 0,
        "event_type": "link_impression",
        "timestamp": 0,
        "link": "https://shop.example/a",
        "placement": "inline",
        "visible_ms": 1_000,
        "received_at": at,
        "event_time": at,
        "kafka_partition": 0,
        "kafka_offset": number,
        "batch_index": 0,
    } | changes


_NUMBERS = count()


class PastLake:
    """Bucket, log, schema and database of its own, on the parts of a running stack."""

    def __init__(self, stack: Stack, **settings: str) -> None:
        self.stack = stack
        self.name = f"rollup-{secrets.token_hex(4)}"
        self.schema = self.name.replace("-", "_")
        self._settings = {"PARTITION_TIME_ZONE": "UTC"} | settings
        root = stack.keys("root")
        s3_users.ensure_buckets(stack.s3_endpoint, root, self.name)
        users = {right.user: stack.keys(right.user) for right in RIGHTS}
        s3_users.ensure_versitygw(stack.s3_endpoint, root, users, self.name)
        self.s3 = S3(endpoint=stack.s3_endpoint, access_key=root[0], secret_key=root[1], bucket=self.name)
        self.store = S3Store(self.s3)
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {self.schema}")
            admin.execute(f"GRANT CREATE, CONNECT, TEMPORARY ON DATABASE {self.schema} TO rollup")

    def dsn(self, database: str = "") -> str:
        """How the superuser connects, to this lake's database if no other is named."""
        there = f"host={HOST} port={self.stack.ports['POSTGRES_PORT']} dbname={database or self.schema}"
        return f"{there} user=postgres password={self.stack.variables['POSTGRES_PASSWORD']}"

    async def add(self, day: date, *rows: Row) -> DataFile:
        """One more file of the day, committed and published."""
        nonce = secrets.token_hex(8)
        file = await self._written(day, nonce, rows)
        await self._commit(Draft(**self._draft(nonce), files=(file,)))
        await self.store.complete(file.key, file.upload_id, file.part_etags)
        return file

    async def swap(self, day: date) -> None:
        """Let the metastore's partition of the day point at the day's rewriting, as a partitioner does."""
        live = LiveTable()
        async for manifest in CommitLog(self.store).manifests_after(-1):
            live.append(manifest)
        (file,) = live.files(Slot("events", day))
        socket = TSocket(HOST, self.stack.ports["METASTORE_PORT"])
        transport = TBufferedTransport(socket)
        transport.open()
        client = ThriftHiveMetastore.Client(TBinaryProtocol(transport))
        partition = client.get_partition(self.schema, "events", list(partition_values(day)))
        partition.sd.location = f"s3://{self.name}/{folder(file.key).rstrip('/')}"
        client.alter_partition(self.schema, "events", partition)
        transport.close()

    async def close(self, day: date) -> None:
        """Let every Kafka partition be past the day, whatever its zone."""
        past = round(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000) + 3 * 86_400_000
        offsets = next_offsets(await CommitLog(self.store).refresh())
        ranges = tuple(
            OffsetRange(
                partition=number,
                first=offsets.get(number, 0),
                next=offsets.get(number, 0) + 1,
                records=1,
                events=0,
                last_time=past,
            )
            for number in range(PARTITIONS)
        )
        await self._commit(Draft(**self._draft(secrets.token_hex(8)), consumed=ranges))

    async def _commit(self, draft: Draft) -> Manifest:
        log = CommitLog(self.store)
        await log.refresh()
        outcome = await log.commit(draft)
        assert outcome.mine
        return outcome.manifest

    def _draft(self, nonce: str) -> dict[str, Any]:
        return {"nonce": nonce, "topic": "events", "topic_id": "past", "created_at": 0, "reason": "age"}

    async def _written(self, day: date, nonce: str, rows: tuple[Row, ...]) -> DataFile:
        slot = Slot("events", day)
        file = OpenFile(
            self.store, slot, file_key("events", day, nonce), row_group_rows=100_000, part_bytes=5 * 1024 * 1024
        )
        await file.write(pa.Table.from_pylist(list(rows), schema=decoded_schema(EVENTS)), (0, 0))
        return await file.finish(commit=nonce, topic_id="past", ranges=())

    def environment(self, service: str, **changes: str) -> dict[str, str]:
        """The variables with which a service of the stack works on this lake instead."""
        own = {
            "S3_BUCKET": self.name,
            "METASTORE_DATABASE": self.schema,
            "TRINO_SCHEMA": self.schema,
            "DATABASE_NAME": self.schema,
            "ROLLUP_POLL_SECONDS": "0.2",
            "PARTITIONER_POLL_SECONDS": "0.2",
            f"{service.upper()}_PORT": str(ports.free()[f"{service.upper()}_PORT"]),
        }
        return environments(self.stack)[service] | own | self._settings | changes

    @contextmanager
    def running(self, service: str, **changes: str) -> Iterator["Running"]:
        """A service of ours at work on this lake, until the end of the block."""
        running = Running(service, self.environment(service, **changes), self.stack.state / "logs")
        try:
            yield running
        finally:
            running.end()

    def erase(self, *options: str) -> int:
        """What the eraser does with this lake; its exit status."""
        environment = {"PATH": os.environ["PATH"], **self.environment("keeper")}
        command = [sys.executable, "-m", "services.keeper.erase", *options]
        return subprocess.run(command, check=False, cwd=ROOT, env=environment, timeout=SECONDS).returncode

    def table(self) -> list[Row]:
        """The table that the main application reads, in order."""
        return self.select(TABLE)

    def days(self) -> dict[str, Row]:
        """What is in, by business day."""
        return {row["day"]: row for row in self.select("SELECT *, day::text AS day FROM eyeshot.rollup_days")}

    def select(self, statement: str) -> list[Row]:
        """Rows of this lake's database; none while there is no table."""
        try:
            with psycopg.connect(self.dsn(), row_factory=dict_row) as connection:
                return connection.execute(statement).fetchall()
        except psycopg.errors.UndefinedTable:
            return []
        except psycopg.OperationalError as away:
            raise NotYet(str(away)) from away

    def wait_for(self, *days: str) -> dict[str, Row]:
        """What is in, once these business days are."""

        def there() -> dict[str, Row]:
            found = self.days()
            if missing := set(days) - set(found):
                raise NotYet(f"{sorted(missing)} are not in")
            return found

        return until("the rollup", there, SECONDS, NotYet)

    def wait_for_manifest(self, day: str, manifest: int) -> Row:
        """What is in of a business day, once it is from this manifest."""

        def there() -> Row:
            found = self.days().get(day, {})
            if found.get("manifest") != manifest:
                raise NotYet(f"{day} is {found}")
            return found

        return until("the rollup", there, SECONDS, NotYet)


class Running:
    """A process of one of our services; what it prints is kept."""

    def __init__(self, service: str, environment: Mapping[str, str], logs: Path) -> None:
        self.service = service
        self.log = logs / f"{service}-{secrets.token_hex(4)}.log"
        self._port = environment[f"{service.upper()}_PORT"]
        with self.log.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", f"services.{service}"],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", **environment},
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def happened(self, event: str) -> list[Row]:
        """The lines of its log about this."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == event]

    def wait_happened(self, event: str, **fields: Any) -> Row:
        """The first line about this, waited for."""

        def there() -> Row:
            for line in self.happened(event):
                if all(str(value) in str(line.get(name)) for name, value in fields.items()):
                    return line
            raise NotYet(f"no {event} in {self.log}: {self.log.read_text()[-500:]}")

        return until(self.service, there, SECONDS, NotYet)

    def wait_ready(self, reason: str | None = None) -> None:
        """Return once it says that it can do its work, or that it cannot for this reason."""

        def asked() -> None:
            try:
                answer = urllib3.request("GET", f"http://{HOST}:{self._port}/health/ready", retries=False, timeout=5)
            except urllib3.exceptions.HTTPError as absent:
                raise NotYet(f"{absent} {self.log.read_text()[-500:]}") from absent
            text = answer.data.decode()
            if (answer.status != 200) if reason is None else (answer.status == 200 or reason not in text):
                raise NotYet(text)

        until(self.service, asked, SECONDS, NotYet)

    def metric(self, name: str) -> float:
        """The sum of a metric's samples."""
        page = urllib3.request("GET", f"http://{HOST}:{self._port}/metrics", timeout=5).data.decode()
        return sum(float(line.split()[-1]) for line in page.splitlines() if line.startswith(name))

    def wait_killed(self) -> None:
        """Return once it has died by SIGKILL."""
        assert self._process.wait(SECONDS) == -signal.SIGKILL, self.log.read_text()[-2000:]

    def end(self) -> int:
        """Ask it to stop; its exit status."""
        if self._process.poll() is None:
            self._process.terminate()
        return self._process.wait(30)
