"""The proxy of the chaos runs between a real client and a broker: it must do what its faults say, and nothing else."""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest

from deploy import ports
from tests.chaos.kafka_proxy import PRODUCE, KafkaProxy

METADATA = 3
HOST = "127.0.0.1"
Ask = Callable[[int, int], Coroutine[Any, Any, int | None]]


@asynccontextmanager
async def proxied() -> AsyncIterator[tuple[KafkaProxy, Ask]]:
    """A client that sends a request of an API and a correlation id, and gets the id of its answer; None if cut off."""
    broker_port, port = list(ports.free().values())[:2]
    got: list[int] = []
    connected: list[asyncio.StreamWriter] = []

    async def broker(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.append(writer)
        with contextlib.suppress(ConnectionError):
            while head := await reader.read(4):
                message = await reader.readexactly(struct.unpack(">i", head)[0])
                got.append(struct.unpack_from(">h", message)[0])
                writer.write(struct.pack(">i", 4) + message[4:8])
        writer.close()

    proxy = KafkaProxy(broker_port)
    async with await asyncio.start_server(broker, HOST, broker_port):
        await proxy.start(port)
        reader, writer = await asyncio.open_connection(HOST, port)

        async def ask(api: int, correlation: int) -> int | None:
            writer.write(struct.pack(">ihhi", 8, api, 0, correlation))
            try:
                answer = await reader.readexactly(8)
            except (asyncio.IncompleteReadError, ConnectionError):
                return None
            return int(struct.unpack(">ii", answer)[1])

        yield proxy, ask
        writer.close()
        await proxy.stop()
        for each in connected:
            with contextlib.suppress(ConnectionError):
                await each.wait_closed()
    assert got, "nothing reached the broker"


async def test_requests_and_answers_go_through():
    async with proxied() as (_, ask):
        assert [await ask(METADATA, 1), await ask(PRODUCE, 2)] == [1, 2]


async def test_the_answer_to_a_produce_is_swallowed_and_the_connection_breaks_afterwards():
    async with proxied() as (proxy, ask):
        proxy.swallow_produce_answers = True
        assert await ask(METADATA, 1) == 1
        asked = asyncio.create_task(ask(PRODUCE, 2))
        while not proxy.swallowed:
            await asyncio.sleep(0.01)
        assert not asked.done()
        proxy.forget_deaf()
        assert await asked is None


async def test_a_silent_proxy_answers_when_it_speaks_again():
    async with proxied() as (proxy, ask):
        proxy.speaks.clear()
        asked = asyncio.create_task(ask(METADATA, 1))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await asyncio.shield(asked)
        proxy.speaks.set()
        assert await asked == 1


async def test_a_reset_breaks_every_connection():
    async with proxied() as (proxy, ask):
        assert await ask(METADATA, 1) == 1
        assert proxy.reset() == 1
        assert await ask(METADATA, 2) is None
