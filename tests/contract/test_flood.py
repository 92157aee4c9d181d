"""The real process under floods: a thousand clients that never finish, and the largest bodies that there are."""

import asyncio
import gzip
import resource
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest

from services.collector.settings import MIB
from services.collector.settings import Collector as Settings
from tests.builders import batch, encoded, event
from tests.contract.test_workers import DEADLINE_SECONDS, Collector, running

SLOW_CLIENTS = 1_000
FILES = SLOW_CLIENTS + 500
HEAD_SECONDS = 5.0
ANSWER_SECONDS_MAX = 5.0
GROWTH_MIB_MAX = 64
BODY = encoded(batch())
HEAD = b"POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(BODY)
NO_QUOTA = "[sites.demo]\ntest_mode = true\nevents_per_second = 1_000_000\nevents_burst = 1_000_000\n"
BEGINNINGS = (b"", b"P", HEAD[:40], HEAD, HEAD + BODY[:20])


@pytest.fixture(autouse=True)
def many_files() -> Iterator[None]:
    """A thousand connections are a thousand files, here and in the collector."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    if before[1] != resource.RLIM_INFINITY and before[1] < FILES:
        pytest.skip(f"this user may open {before[1]} files, and {FILES} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], FILES), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture
async def collector(tmp_path: Path) -> AsyncIterator[Collector]:
    seconds = {"COLLECTOR_HEAD_SECONDS": str(HEAD_SECONDS), "COLLECTOR_BODY_SECONDS": str(HEAD_SECONDS)}
    sites = tmp_path / "sites.toml"
    sites.write_text(NO_QUOTA)
    async with running(tmp_path / "spool", workers=1, COLLECTOR_SITES_FILE=str(sites), **seconds) as collector:
        yield collector


def rss_mib(collector: Collector) -> float:
    return float(psutil.Process(collector.process.pid).memory_info().rss) / MIB


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
    """The status of the next answer; 0 when the connection is closed without one."""
    line = await reader.readline()
    if not line:
        return 0
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(each.split(b":")[1]) for each in head.lower().split(b"\r\n") if each.startswith(b"content-len"))
    await reader.readexactly(length)
    return int(line.split()[1])


async def slow_client(collector: Collector, number: int) -> int:
    """Says a little, then a byte now and then; how that ended."""
    reader, writer = await asyncio.open_connection("127.0.0.1", collector.port)
    ended = asyncio.create_task(answer(reader, writer))
    writer.write(BEGINNINGS[number % len(BEGINNINGS)])
    while not (await asyncio.wait({ended}, timeout=HEAD_SECONDS / 5))[0]:
        writer.write(b"x")
    writer.close()
    try:
        return await ended
    except ConnectionError:
        return 0


async def test_a_thousand_clients_that_never_finish_are_all_sent_away_and_nobody_else_waits(collector: Collector):
    reader, writer = await asyncio.open_connection("127.0.0.1", collector.port)
    before = peak = rss_mib(collector)
    slow = asyncio.gather(*(slow_client(collector, number) for number in range(SLOW_CLIENTS)))
    slowest, answered = 0.0, 0
    while not slow.done():
        started = time.monotonic()
        writer.write(HEAD + BODY)
        assert await answer(reader, writer) == 202
        slowest, answered = max(slowest, time.monotonic() - started), answered + 1
        peak = max(peak, rss_mib(collector))
        await asyncio.sleep(0.05)
    writer.close()
    ends = Counter(await slow)
    assert set(ends) <= {0, 400, 408}
    assert ends[408] >= SLOW_CLIENTS / 2
    assert answered > 5
    assert slowest < ANSWER_SECONDS_MAX
    assert peak - before < GROWTH_MIB_MAX


LIMIT = Settings().body_bytes_max
LARGE = {
    "as many bytes as allowed": (encoded(batch(z="x" * (LIMIT - len(BODY) - 10))), b"", 202),
    "more bytes than allowed": (b" " * (LIMIT + 1), b"", 413),
    "a bomb": (gzip.compress(b" " * (60 * MIB)), b"Content-Encoding: gzip\r\n", 413),
    "as large as it may inflate": (
        gzip.compress(encoded(batch(e=[event(x={"a": "b" * 1000})] * 500))),
        b"Content-Encoding: gzip\r\n",
        202,
    ),
    "deep": (b"[" * LIMIT, b"", 400),
    "digits": (b"9" * LIMIT, b"", 400),
    "many keys": (encoded(batch(**{f"k{number}": number for number in range(3_000)})), b"", 202),
}


@pytest.mark.parametrize("name", LARGE)
async def test_memory_stays_flat_however_many_large_bodies_come(collector: Collector, name: str):
    body, header, expected = LARGE[name]
    request = b"POST /v1/events HTTP/1.1\r\nHost: a\r\n%sContent-Length: %d\r\n\r\n" % (header, len(body))

    async def post(times: int) -> None:
        for _ in range(times):
            reader, writer = await asyncio.open_connection("127.0.0.1", collector.port)
            writer.write(request + body)
            assert await answer(reader, writer) == expected
            writer.close()

    async with asyncio.timeout(2 * DEADLINE_SECONDS):
        await asyncio.gather(*(post(2) for _ in range(16)))
        before = rss_mib(collector)
        await asyncio.gather(*(post(12) for _ in range(16)))
    assert rss_mib(collector) - before < GROWTH_MIB_MAX
