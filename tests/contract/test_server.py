"""The real HTTP server over twins in memory: slow, large and too many clients, and its end."""

import asyncio
import time
from signal import SIGTERM

import pytest

from tests.serving import BODY, HEAD, send, serving, small, status


async def test_a_head_that_does_not_end_is_answered_408_however_it_trickles():
    async with serving(small(head_seconds=1)) as (_, connect):
        client = await connect()
        started = time.monotonic()
        for byte in HEAD[:10]:
            await send(client, bytes([byte]))
            await asyncio.sleep(0.01)
        assert await status(client) == 408
        assert await client[0].read() == b""
        assert time.monotonic() - started < 3


async def test_the_head_of_a_later_request_has_its_deadline_too():
    async with serving(small()) as (_, connect):
        client = await connect()
        await send(client, HEAD + BODY)
        assert await status(client) == 202
        await send(client, HEAD[:20])
        assert await status(client) == 408


async def test_a_body_that_does_not_end_is_answered_408_and_the_connection_closed():
    async with serving(small()) as (_, connect):
        client = await connect()
        await send(client, HEAD + BODY[:10])
        assert await status(client) == 408
        assert await client[0].read() == b""


async def test_a_connection_that_says_nothing_is_closed():
    async with serving(small()) as (_, connect):
        assert await status(await connect()) is None


async def test_hundreds_of_slow_clients_do_not_slow_the_others():
    async with serving(small(head_seconds=5, body_seconds=5)) as (_, connect):
        slow = await asyncio.gather(*(connect() for _ in range(300)))
        for number, each in enumerate(slow):
            await send(each, HEAD[:20] if number % 2 else HEAD + BODY[:10])
        client = await connect()
        started = time.monotonic()
        for _ in range(20):
            await send(client, HEAD + BODY)
            assert await status(client) == 202
        assert time.monotonic() - started < 2


@pytest.mark.parametrize(("spare", "expected"), [(0, 202), (1, 431)])
async def test_a_head_is_read_up_to_its_bytes(spare: int, expected: int):
    fixed = len("/v1/events") + len("Host") + 1 + len("Content-Length") + len(str(len(BODY))) + len("X-Padding")
    padding = b"x" * (1024 - fixed + spare)
    head = HEAD.replace(b"Host: a\r\n", b"Host: a\r\nX-Padding: %s\r\n" % padding)
    async with serving(small(head_bytes_max=1024)) as (_, connect):
        client = await connect()
        await send(client, head + BODY)
        assert await status(client) == expected


@pytest.mark.parametrize("more", [b"X-More: %s\r\n" % (b"x" * 1000), b"X" * 1000])
async def test_a_head_without_end_is_refused_while_it_comes(more: bytes):
    async with serving(small(head_bytes_max=1024, head_seconds=10)) as (_, connect):
        client = await connect()
        await send(client, HEAD.removesuffix(b"\r\n"))
        with pytest.raises(ConnectionError):
            for _ in range(100_000):
                await send(client, more)


@pytest.mark.parametrize(("open_ones", "expected"), [(2, 202), (3, 503)])
async def test_connections_are_taken_up_to_the_limit(open_ones: int, expected: int):
    async with serving(small(connections_max=3, head_seconds=10)) as (_, connect):
        for _ in range(open_ones):
            await connect()
        await asyncio.sleep(0.1)
        client = await connect()
        if expected == 202:
            await send(client, HEAD + BODY)
        assert await status(client) == expected


@pytest.mark.parametrize("nonsense", [b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"POST /v1/events HTTP/9.9\r\n\r\n"])
async def test_what_is_no_http_is_answered_400(nonsense: bytes):
    async with serving(small()) as (_, connect):
        client = await connect()
        await send(client, nonsense)
        assert await status(client) in (400, 408)


async def test_after_sigterm_an_open_request_is_finished_and_then_the_server_is_gone():
    async with serving(small(unready_seconds=1.5, body_seconds=10)) as (server, connect):
        client = await connect()
        await send(client, HEAD + BODY[:10])
        await asyncio.sleep(0.1)
        server.handle_exit(SIGTERM, None)
        await asyncio.sleep(0.5)
        late = await connect()
        await send(late, HEAD + BODY)
        assert await status(late) == 202
        assert await late[0].read() == b""
        while not server.should_exit:
            await asyncio.sleep(0.01)
        await send(client, BODY[10:])
        assert await status(client) == 202
        assert await client[0].read() == b""
        while not server.lifespan.shutdown_event.is_set():
            await asyncio.sleep(0.01)
        with pytest.raises(ConnectionError):
            await connect()
