"""The real HTTP server over twins in memory, and clients of it that speak in bytes."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from signal import SIGTERM

from services.collector.app import build
from services.collector.intake import Intake
from services.collector.relay import Relay
from services.collector.server import Server
from services.collector.settings import Collector
from tests.builders import NOW_MS, batch, encoded
from tests.collector import RULES, SITES, sums
from tests.twins import MemoryPublisher, MemorySpool

DEADLINE_SECONDS = 60
BODY = encoded(batch())
HEAD = b"POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(BODY)

Client = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Client]]


class SlowPublisher(MemoryPublisher):
    """Acknowledges when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[asyncio.Future[None]] = []

    def publish(self, key: bytes, value: bytes) -> "asyncio.Future[None]":
        self.waiting.append(asyncio.get_running_loop().create_future())
        return self.waiting[-1]


def mistake(key: bytes, value: bytes) -> "asyncio.Future[None]":
    raise ValueError("a mistake")


async def counted(connect: Connect, *, idle: bool = False) -> Counter[str]:
    """Requests answered, by status; all sums hold, and with `idle` nothing is under way."""
    reader, writer = await connect()
    writer.write(b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    page = (await reader.read()).partition(b"\r\n\r\n")[2].decode()
    for line, left, right in sums(page, spool=False, idle=idle):
        assert left == right, line
    found = re.findall(r'^eyeshot_collector_requests_total{.*status="(\d+)"} (\S+)$', page, re.M)
    answered: Counter[str] = Counter()
    for code, count in found:
        answered[code] += int(float(count))
    return answered


@asynccontextmanager
async def serving(
    settings: Collector, publisher: MemoryPublisher | None = None
) -> AsyncIterator[tuple[Server, Connect]]:
    relay = Relay(publisher or MemoryPublisher(), MemorySpool(), rules=RULES, drain_records=10)
    intake = Intake(settings, relay, lambda: SITES, clock=lambda: NOW_MS, chance=lambda: 0.0)
    server = Server(build(settings, relay, intake, dict), settings, intake)
    running = asyncio.create_task(server.serve())
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        clients: list[Client] = []

        async def connect() -> Client:
            client = await asyncio.open_connection("127.0.0.1", port)
            clients.append(client)
            return client

        try:
            yield server, connect
        finally:
            for _, writer in clients:
                writer.close()
            if not running.done():
                server.handle_exit(SIGTERM, None)
            await running


def small(**changes: float) -> Collector:
    return Collector(**({"port": 0, "unready_seconds": 0, "head_seconds": 0.3, "body_seconds": 0.3} | changes))  # type: ignore[arg-type]


async def send(client: Client, data: bytes) -> None:
    client[1].write(data)
    await client[1].drain()


async def status(client: Client) -> int | None:
    """The status of the next answer, or None when the connection was closed without one."""
    line = await client[0].readline()
    if not line:
        return None
    head = await client[0].readuntil(b"\r\n\r\n")
    length = next(
        int(each.split(b":")[1]) for each in head.lower().split(b"\r\n") if each.startswith(b"content-length")
    )
    await client[0].readexactly(length)
    return int(line.split()[1])
