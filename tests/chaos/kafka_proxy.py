"""A TCP proxy before a Kafka broker: it delays, falls silent, resets, and swallows the answers to produce requests.

It knows just enough of the protocol to tell the answers apart: every message begins with its length, a request goes on
with its API key, version and correlation id, an answer with the correlation id (kafka.apache.org/protocol).
"""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator

PRODUCE = 0
HOST = "127.0.0.1"


class KafkaProxy:
    """Faults are attributes; they hold for every connection until they are taken back."""

    def __init__(self, broker_port: int) -> None:
        self._broker_port = broker_port
        self._connections: set[_Connection] = set()
        self._serving: asyncio.Server | None = None
        self.delay_seconds = 0.0
        self.swallow_produce_answers = False
        self.speaks = asyncio.Event()
        self.speaks.set()
        self.swallowed = 0

    async def start(self, port: int) -> None:
        """Listen."""
        self._serving = await asyncio.start_server(self._serve, HOST, port)

    async def stop(self) -> None:
        """Listen no more, and let go of every connection."""
        assert self._serving
        self._serving.close()
        while self._connections:
            self.reset()
            await asyncio.sleep(0.01)

    def reset(self) -> int:
        """Break every connection, as a firewall that forgets does; how many there were."""
        for each in list(self._connections):
            each.abort()
        return len(self._connections)

    def forget_deaf(self) -> None:
        """Break the connections that lost an answer: TCP loses nothing in the middle of a stream."""
        for each in list(self._connections):
            if each.deaf:
                each.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            broker = await asyncio.open_connection(HOST, self._broker_port)
        except OSError:
            writer.transport.abort()
            return
        connection = _Connection(self, (reader, writer), broker)
        self._connections.add(connection)
        try:
            await connection.run()
        finally:
            connection.abort()
            await asyncio.sleep(0)  # a transport closes in the loop's next round
            self._connections.discard(connection)


Side = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Connection:
    def __init__(self, proxy: KafkaProxy, client: Side, broker: Side) -> None:
        self._proxy = proxy
        self._client = client
        self._broker = broker
        self._produces: set[bytes] = set()
        self.deaf = False

    def abort(self) -> None:
        for _, writer in (self._client, self._broker):
            writer.transport.abort()

    async def run(self) -> None:
        """Until either side leaves."""
        pumps = [asyncio.create_task(self._requests()), asyncio.create_task(self._answers())]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in pumps:
            pump.cancel()
        await asyncio.wait(pumps)

    async def _requests(self) -> None:
        async for message in _messages(self._client[0]):
            await self._proxy.speaks.wait()
            (api_key,) = struct.unpack_from(">h", message)
            if api_key == PRODUCE:
                self._produces.add(message[4:8])
            await _pass_on(self._broker[1], message)

    async def _answers(self) -> None:
        async for message in _messages(self._broker[0]):
            is_produce = message[:4] in self._produces
            self._produces.discard(message[:4])
            if is_produce and self._proxy.swallow_produce_answers:
                self._proxy.swallowed += 1
                self.deaf = True
            if self._proxy.delay_seconds:
                await asyncio.sleep(self._proxy.delay_seconds)
            await self._proxy.speaks.wait()
            if not self.deaf:
                await _pass_on(self._client[1], message)


async def _messages(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            (size,) = struct.unpack(">i", await reader.readexactly(4))
            yield await reader.readexactly(size)


async def _pass_on(writer: asyncio.StreamWriter, message: bytes) -> None:
    with contextlib.suppress(ConnectionError):
        writer.write(struct.pack(">i", len(message)) + message)
        await writer.drain()
