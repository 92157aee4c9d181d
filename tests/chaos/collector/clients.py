"""Clients that post one batch after another over raw sockets, and tell the ledger."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from random import Random

from tests.builders import batch, encoded, event
from tests.chaos.collector.ledger import Identity, Ledger

CLIENTS = 8
PAUSE_SECONDS = 0.02
ANSWER_SECONDS = 10.0
BATCHES_PER_PAGE_VIEW = 10
HOST = "127.0.0.1"


class Client:
    """One browser after another: a page view has a few batches, then comes the next one."""

    def __init__(self, port: int, ledger: Ledger, random: Random) -> None:
        self._port = port
        self._ledger = ledger
        self._random = random
        self._sent = 0
        self._page_view = ""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
                await self._visit()
            await asyncio.sleep(PAUSE_SECONDS)

    async def _visit(self) -> None:
        """One connection, as long as it lasts."""
        reader, writer = await asyncio.open_connection(HOST, self._port)
        try:
            while await self._post(reader, writer):
                await asyncio.sleep(self._random.uniform(0, 2 * PAUSE_SECONDS))
        finally:
            writer.transport.abort()

    async def _post(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection may be used again."""
        identity, body = self._next()
        self._ledger.sends(identity)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                writer.write(b"POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"content-length: (\d+)", head)
                await reader.readexactly(int(length[1]) if length else 0)
        except BaseException:
            self._ledger.unanswered()
            raise
        self._ledger.answered(identity, int(head.split()[1]))
        return b"connection: close" not in head

    def _next(self) -> tuple[Identity, bytes]:
        if self._sent % BATCHES_PER_PAGE_VIEW == 0:
            self._page_view = f"{self._random.getrandbits(128):022x}"[:22]
        self._sent += 1
        identity = (self._page_view, "page", self._sent)
        label = "x" * self._random.choice((8, 64, 256))
        return identity, encoded(batch(pv=identity[0], so=identity[1], n=identity[2], e=[event(lb=label)]))


@contextlib.asynccontextmanager
async def posting(port: int, ledger: Ledger, random: Random) -> AsyncIterator[None]:
    """Clients post as long as this lasts."""
    tasks = [asyncio.create_task(Client(port, ledger, random).run()) for _ in range(CLIENTS)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
