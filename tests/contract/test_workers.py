"""The real process: several workers on one port, without a Kafka, killed and replaced while requests come in."""

import asyncio
import os
import re
import signal
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.collector.settings import Spool
from services.collector.spool import SqliteSpool
from tests.builders import batch, encoded
from tests.collector import sums
from tests.house.repository import ROOT

DEADLINE_SECONDS = 60


@dataclass
class Collector:
    """A collector process and its address."""

    process: asyncio.subprocess.Process
    port: int

    async def get(self, path: str) -> str:
        """The body of a page."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(b"GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % path.encode())
        answer = await reader.read()
        writer.close()
        return answer.partition(b"\r\n\r\n")[2].decode()

    async def until_up(self, workers: int) -> None:
        """Wait until every worker answers for its metrics."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not await self._is_up(workers):
                await asyncio.sleep(0.1)

    async def _is_up(self, workers: int) -> bool:
        try:
            page = await self.get("/metrics")
        except OSError:
            return False
        if workers == 1:
            return "eyeshot_collector_requests_received_total 0.0" in page
        return len(re.findall(r'worker_up\{worker="\d+"\} 1\.0', page)) == workers

    def pids(self) -> list[int]:
        """The workers' processes."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]


@asynccontextmanager
async def running(folder: Path, workers: int, **variables: str) -> AsyncIterator[Collector]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {
        "KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "COLLECTOR_PORT": str(port),
        "COLLECTOR_WORKERS": str(workers),
        "COLLECTOR_UNREADY_SECONDS": "0.3",
        "SPOOL_FOLDER": str(folder),
        "SPOOL_FREE_BYTES_MIN": "0",
        **variables,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.collector", cwd=ROOT, env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    collector = Collector(process, port)
    try:
        await collector.until_up(workers)
        yield collector
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(DEADLINE_SECONDS):
            await process.wait()


@dataclass
class Reader:
    """A client that keeps the rules: it reads its answers, and leaves when it is told that the connection closes."""

    port: int
    number: int
    sent: int = 0

    def __post_init__(self) -> None:
        self.outcomes: Counter[object] = Counter()
        self.acknowledged: set[bytes] = set()
        self.go_on = True

    async def run(self) -> None:
        """Post until told to stop."""
        while self.go_on:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                while self.go_on and await self._post(reader, writer):
                    pass
            except (ConnectionError, asyncio.IncompleteReadError) as error:
                self.outcomes[type(error).__name__] += 1
            writer.close()

    async def _post(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        self.sent += 1
        name = b"%011d%011d" % (self.number, self.sent)
        body = encoded(batch(pv=name.decode()))
        writer.write(b"POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        head = await reader.readuntil(b"\r\n\r\n")
        found = re.search(rb"content-length: (\d+)", head)
        await reader.readexactly(int(found[1]) if found else 0)
        status = int(head.split()[1])
        self.outcomes[status] += 1
        if status == 202:
            self.acknowledged.add(name)
        return b"connection: close" not in head


async def spooled(folder: Path) -> list[bytes]:
    """The keys in the spool of a collector that is gone, each as often as it is there."""
    spool = SqliteSpool(Spool(folder=str(folder), free_bytes_min=0))
    await spool.start()
    keys = [record.key for record in await spool.oldest(1_000_000)]
    await spool.stop()
    return keys


@asynccontextmanager
async def clients(collector: Collector, count: int) -> AsyncIterator[list[Reader]]:
    readers = [Reader(collector.port, number) for number in range(count)]
    tasks = [asyncio.create_task(each.run()) for each in readers]
    yield readers
    for each in readers:
        each.go_on = False
    async with asyncio.timeout(DEADLINE_SECONDS):
        await asyncio.gather(*tasks)


async def until_sent(readers: list[Reader], more: int) -> None:
    goal = sum(each.sent for each in readers) + more
    async with asyncio.timeout(DEADLINE_SECONDS):
        while sum(each.sent for each in readers) < goal:
            await asyncio.sleep(0.02)


async def test_workers_killed_under_load_are_replaced_and_lose_nothing_acknowledged(tmp_path: Path):
    async with running(tmp_path, workers=2) as collector, clients(collector, 4) as readers:
        for _ in range(2):
            await until_sent(readers, 200)
            before = collector.pids()
            os.kill(before[0], signal.SIGKILL)
            async with asyncio.timeout(DEADLINE_SECONDS):
                while len(collector.pids()) < 2 or before[0] in collector.pids():
                    await asyncio.sleep(0.05)
        await collector.until_up(2)
    keys = await spooled(tmp_path)
    acknowledged = set().union(*(each.acknowledged for each in readers))
    attempted = {b"%011d%011d" % (each.number, number + 1) for each in readers for number in range(each.sent)}
    assert acknowledged
    assert acknowledged <= set(keys) <= attempted


async def test_workers_are_replaced_one_after_another_without_a_failed_request(tmp_path: Path):
    async with running(tmp_path, workers=2) as collector, clients(collector, 4) as readers:
        await until_sent(readers, 100)
        before = set(collector.pids())
        collector.process.send_signal(signal.SIGHUP)
        async with asyncio.timeout(DEADLINE_SECONDS):
            while before & set(collector.pids()) or len(collector.pids()) < 2:
                await asyncio.sleep(0.05)
        await until_sent(readers, 100)
    outcomes: Counter[object] = sum((each.outcomes for each in readers), Counter())
    assert set(outcomes) == {202}
    keys = await spooled(tmp_path)
    assert len(keys) == len(set(keys)) == outcomes[202]


async def test_a_worker_whose_parent_died_before_it_could_look_ends_too(tmp_path: Path):
    dead = await asyncio.create_subprocess_exec("true")
    await dead.wait()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        descriptor = listening.fileno()
        worker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.collector", "0", str(dead.pid), str(descriptor), str(tmp_path)),
            cwd=ROOT,
            env=os.environ | {"KAFKA_BOOTSTRAP": "127.0.0.1:1", "SPOOL_FOLDER": str(tmp_path)},
            pass_fds=(descriptor,),
            stdout=asyncio.subprocess.DEVNULL,
        )
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            assert await worker.wait() == 0
    finally:
        if worker.returncode is None:
            worker.kill()


async def test_the_sums_hold_in_every_scrape_of_all_workers_under_load(tmp_path: Path):
    async with running(tmp_path, workers=2) as collector, clients(collector, 4) as readers:
        for _ in range(20):
            await until_sent(readers, 20)
            for line, left, right in sums(await collector.get("/metrics")):
                assert left == right, line


async def test_it_exits_with_0_after_sigterm_and_the_spool_is_there_for_the_next_one(tmp_path: Path):
    for expected in (1, 2):
        async with running(tmp_path, workers=1) as collector:
            reader = Reader(collector.port, expected)
            connection = await asyncio.open_connection("127.0.0.1", collector.port)
            await reader._post(*connection)
            connection[1].close()
        assert collector.process.returncode == 0
    assert len(await spooled(tmp_path)) == 2


@pytest.mark.parametrize(
    ("variable", "value", "error"),
    [("COLLECTOR_WORKERS", "0", "COLLECTOR_WORKERS is `0`"), ("COLLECTOR_SITES_FILE", "/no/file", "/no/file")],
)
async def test_a_wrong_setting_ends_it_with_2_and_the_reason(variable: str, value: str, error: str):
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.collector",
        cwd=ROOT,
        env=os.environ | {"KAFKA_BOOTSTRAP": "127.0.0.1:1", variable: value},
        stderr=asyncio.subprocess.PIPE,
    )
    _, told = await process.communicate()
    assert (process.returncode, error in told.decode()) == (2, True)
