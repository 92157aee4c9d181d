"""A lake of a test's own on a stage: a bucket, a database, days that are written, merged and dropped, partitioners."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from itertools import count
from typing import Any

from botocore.exceptions import ClientError
from pymetastore.hive_metastore import ThriftHiveMetastore
from pymetastore.hive_metastore.ttypes import NoSuchObjectException
from thrift.protocol.TBinaryProtocol import TBinaryProtocol
from thrift.transport.TSocket import TSocket
from thrift.transport.TTransport import TBufferedTransport

from deploy import ports, query, s3_users
from deploy.patience import until
from deploy.rights import RIGHTS
from deploy.service_environments import environments
from deploy.stack import HOST
from eyeshot.lake.log import CommitLog
from eyeshot.lake.s3 import S3Store
from eyeshot.live import LiveTable
from eyeshot.settings import S3
from eyeshot.table import DATA_PREFIXES, Slot, day_of
from services.keeper.app import Keeper
from services.keeper.days import Days
from services.keeper.rewrite import ParquetRewriter
from services.keeper.settings import Keeper as Settings
from tests.audit.lakes import OnS3, audited, fill
from tests.builders import NOW_MS
from tests.chaos.partitioner.service import Partitioner
from tests.chaos.stage import Stage
from tests.keeper import MIB, UTC_ZONE, FixedTopic

NUMBERS = count(1)
SOON_SECONDS = 90.0
QUICK = {
    "PARTITIONER_POLL_SECONDS": "0.2",
    "PARTITIONER_RECONCILE_SECONDS": "1",
    "PARTITIONER_TIDY_SECONDS": "1",
    "PARTITIONER_GRACE_SECONDS": "2",
}
ROWS = """
    SELECT kafka_partition, kafka_offset, batch_index FROM {schema}.{table} WHERE year >= '2000' ORDER BY 1, 2, 3
"""
PATHS = """
    SELECT DISTINCT "$path" FROM {schema}.{table} WHERE year = '{day:%Y}' AND month = '{day:%m}' AND day = '{day:%d}'
"""
PARTITIONS = 'SELECT year, month, day FROM {schema}."{table}$partitions"'


class NotYet(Exception):
    """What a test waits for has not happened; the text says how far it is."""


class LakeOfDays:
    """Three days from 2025-11-25 on, the first of which has three small files of events."""

    def __init__(self, stage: Stage) -> None:
        name = f"days-{next(NUMBERS)}"
        self.stack, self._stage, self.bucket, self.database = stage.stack, stage, name, name.replace("-", "_")
        root = stage.stack.keys("root")
        users = {right.user: stage.stack.keys(right.user) for right in RIGHTS}
        s3_users.ensure_buckets(stage.stack.s3_endpoint, root, name)
        s3_users.ensure_versitygw(stage.stack.s3_endpoint, root, users, name)
        self.s3 = S3(endpoint=stage.stack.s3_endpoint, access_key=root[0], secret_key=root[1], bucket=name)
        self.store = S3Store(self.s3)
        self._client: Any = s3_users.client(stage.stack.s3_endpoint, root)
        self._ports = iter(ports.free().values())
        self.first = Slot("events", day_of(NOW_MS, UTC_ZONE))
        self.last = Slot("events", date(self.first.day.year, self.first.day.month, self.first.day.day + 2))

    async def fill(self) -> None:
        """Three commits of a compactor."""
        await fill(self.store)

    def keeper(self) -> Keeper:
        """A keeper that works on it."""
        days = Days(
            log=CommitLog(self.store),
            topic=FixedTopic(),
            zone=UTC_ZONE,
            clock_seconds_max=0,
            epoch_ms=lambda: time.time_ns() // 1_000_000,
            new_nonce=lambda: f"m{next(NUMBERS)}",
        )
        rewriter = ParquetRewriter({"hot": self.store}, file_bytes=MIB, row_group_rows=1_000, part_bytes=5 * MIB)
        settings = Settings(file_bytes=MIB, warm_days=0, cold_days=0)
        return Keeper(days=days, rewriter=rewriter, settings=settings, monotonic=time.monotonic)

    async def merge(self) -> None:
        """The first day becomes one file."""
        keeper = self.keeper()
        assert await keeper._step(), keeper.trouble

    async def expire(self, slot: Slot) -> None:
        """A day is replaced by nothing."""
        keeper = self.keeper()
        await keeper._days.read_on()
        await keeper._drop(slot)

    async def live(self) -> LiveTable:
        """What the log says."""
        table = LiveTable()
        async for manifest in CommitLog(self.store).manifests_after(-1):
            table.append(manifest)
        return table

    def environment(self, **settings: str) -> dict[str, str]:
        """What a partitioner of this lake is given."""
        own = {"S3_BUCKET": self.bucket, "METASTORE_DATABASE": self.database}
        return environments(self.stack)["partitioner"] | own | QUICK | settings

    def partitioner(self, who: str = "one", **settings: str) -> Partitioner:
        """A partitioner that was not started."""
        port = str(next(self._ports))
        environment = self.environment(PARTITIONER_PORT=port, **settings)
        return Partitioner(self._stage, f"{self.bucket}-{who}", environment, int(port))

    def answer(self, table: str = "events") -> list[list[Any]]:
        """Every row's coordinates, in order."""
        return self._sql(ROWS, table)

    @contextmanager
    def asked_all_the_time(self) -> Iterator[list[list[list[Any]]]]:
        """The answers of somebody who asks again and again meanwhile, each different one once."""
        over, answers = threading.Event(), [self.answer()]

        def ask() -> None:
            while not over.is_set():
                with suppress(query.QueryFailed):  # the grace is much shorter than a query may take
                    answer = self.answer()
                    if answer not in answers:
                        answers.append(answer)

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            yield answers
        finally:
            over.set()
            asking.join()

    def paths(self, slot: Slot) -> set[str]:
        """The files in which a query of the day finds rows."""
        return {row[0] for row in self._sql(PATHS, slot.table, day=slot.day)}

    def partitions(self, table: str = "events") -> set[tuple[str, ...]]:
        """The partitions that SQL sees."""
        return {tuple(row) for row in self._sql(PARTITIONS, table)}

    def _sql(self, statement: str, table: str, **names: Any) -> list[list[Any]]:
        schema = f"lake.{self.database}"
        return query.run(self.stack, statement.format(schema=schema, table=table, **names)).rows

    def objects(self) -> set[str]:
        """Every object of the data."""
        listings = (self._client.list_objects_v2(Bucket=self.bucket, Prefix=prefix) for prefix in DATA_PREFIXES)
        return {item["Key"] for listing in listings for item in listing.get("Contents", [])}

    def put(self, key: str) -> None:
        """An object of nobody's."""
        self._client.put_object(Bucket=self.bucket, Key=key, Body=b"here")

    def delete(self, key: str) -> None:
        """As somebody would who has looked at it."""
        self._client.delete_object(Bucket=self.bucket, Key=key)

    def faults(self) -> tuple[Any, ...]:
        """What the audit finds, every row's coordinates included."""
        return audited(OnS3(self.s3), deep=True).faults

    def hive(self, use: Callable[[Any], Any]) -> Any:
        """A call to the metastore with nobody's care."""
        transport = TBufferedTransport(TSocket(HOST, self.stack.ports["METASTORE_PORT"]))
        transport.open()
        try:
            return use(ThriftHiveMetastore.Client(TBinaryProtocol(transport)))
        finally:
            transport.close()

    def drop_database(self) -> None:
        """As if the metastore had been lost."""
        with suppress(NoSuchObjectException):
            self.hive(lambda client: client.drop_database(self.database, False, True))

    def until(self, what: str, condition: Callable[[], bool], seconds: float = SOON_SECONDS) -> float:
        """Wait for it; how many seconds it took."""
        started = time.monotonic()

        def attempt() -> None:
            try:
                if condition():
                    return
            except (query.QueryFailed, ClientError) as refused:
                raise NotYet(str(refused)) from refused
            raise NotYet("not yet")

        until(what, attempt, seconds, NotYet)
        return time.monotonic() - started
