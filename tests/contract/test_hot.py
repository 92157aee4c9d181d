"""Posts over real connections: in pieces, in a row, waiting, broken off, and a mistake of ours."""

import asyncio
import gc
import time
from collections import Counter

import pytest

from services.collector.hot import Exchange
from tests.serving import BODY, DEADLINE_SECONDS, HEAD, SlowPublisher, counted, mistake, send, serving, small, status
from tests.twins import MemoryPublisher


async def test_a_connection_serves_one_request_after_another():
    async with serving(small()) as (_, connect):
        client = await connect()
        for _ in range(3):
            await send(client, HEAD + BODY)
            assert await status(client) == 202


async def test_answered_posts_leave_nothing_to_the_collector_of_garbage():
    async with serving(small()) as (_, connect):
        client = await connect()
        gc.collect()
        gc.disable()
        try:
            for _ in range(5):
                await send(client, HEAD + BODY)
                assert await status(client) == 202
            left = [each for each in gc.get_objects() if isinstance(each, Exchange)]
        finally:
            gc.enable()
    assert len(left) <= 1  # the connection's last one


async def test_a_body_may_come_in_pieces():
    async with serving(small()) as (_, connect):
        client = await connect()
        for piece in (HEAD, BODY[:10], BODY[10:]):
            await send(client, piece)
            await asyncio.sleep(0.05)
        assert await status(client) == 202


async def test_a_chunked_body_is_a_body():
    chunked = b"POST /v1/events HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with serving(small()) as (_, connect):
        client = await connect()
        await send(client, chunked + b"5\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (BODY[:5], len(BODY) - 5, BODY[5:]))
        assert await status(client) == 202
        await send(client, HEAD + BODY)
        assert await status(client) == 202


async def test_requests_that_do_not_wait_for_answers_are_answered_in_their_order():
    get = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"
    bad = HEAD + b"x" * len(BODY)
    async with serving(small()) as (_, connect):
        client = await connect()
        await send(client, HEAD + BODY + get + bad + HEAD + BODY + get)
        assert [await status(client) for _ in range(5)] == [202, 200, 400, 202, 200]


async def test_the_order_holds_while_kafka_takes_its_time():
    async with serving(small(), publisher := SlowPublisher()) as (_, connect):
        client = await connect()
        await send(client, HEAD + BODY + b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n")
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not publisher.waiting:
                await asyncio.sleep(0.01)
        publisher.waiting.pop().set_result(None)
        assert [await status(client) for _ in range(2)] == [202, 404]


async def test_who_waits_for_100_continue_is_told_to():
    async with serving(small()) as (_, connect):
        client = await connect()
        await send(client, HEAD.replace(b"Host: a", b"Host: a\r\nExpect: 100-continue"))
        assert await client[0].readline() == b"HTTP/1.1 100 Continue\r\n"
        await client[0].readline()
        await send(client, BODY)
        assert await status(client) == 202


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
async def test_who_wants_the_connection_closed_is_obeyed(version: bytes):
    head = HEAD.replace(b"HTTP/1.1", b"HTTP/" + version).replace(b"Host: a", b"Host: a\r\nConnection: close")
    async with serving(small()) as (_, connect):
        client = await connect()
        await send(client, head + BODY)
        assert await status(client) == 202
        assert await client[0].read() == b""


async def test_a_client_that_leaves_is_counted_and_what_it_sent_whole_is_stored():
    async with serving(small(body_seconds=20), publisher := SlowPublisher()) as (_, connect):
        before = await counted(connect)
        for sent in (HEAD + BODY[:10], HEAD + BODY):
            client = await connect()
            await send(client, sent)
            await asyncio.sleep(0.1)
            client[1].close()
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not publisher.waiting:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        publisher.waiting.pop().set_result(None)
        async with asyncio.timeout(DEADLINE_SECONDS):
            while await counted(connect) != before + Counter({"499": 1, "202": 1}):
                await asyncio.sleep(0.05)


async def test_who_does_not_read_its_answers_gets_no_more_of_them():
    async with serving(small(body_seconds=20), publisher := MemoryPublisher()) as (server, connect):
        client = await connect()
        await send(client, HEAD + BODY)
        assert await status(client) == 202
        (protocol,) = server.server_state.connections
        protocol.pause_writing()
        await send(client, HEAD + BODY)
        async with asyncio.timeout(DEADLINE_SECONDS):
            while len(publisher.records) < 2:
                await asyncio.sleep(0.01)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client[0].read(1), 0.2)
        protocol.resume_writing()
        assert await status(client) == 202


async def test_a_mistake_of_ours_is_answered_500_counted_and_not_hidden():
    publisher = MemoryPublisher()
    publisher.publish = mistake  # type: ignore[method-assign]
    async with serving(small(), publisher) as (_, connect):
        before = await counted(connect)
        told: list[dict[str, object]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        client = await connect()
        await send(client, HEAD + BODY)
        assert await status(client) == 500
        assert await counted(connect, idle=True) == before + Counter({"500": 1})
        assert [str(each["exception"]) for each in told] == ["a mistake"]


async def test_an_answer_may_be_read_by_the_page_that_asked():
    async with serving(small()) as (_, connect):
        client = await connect()
        await send(client, HEAD.replace(b"Host: a", b"Host: a\r\nOrigin: http://localhost:8401") + BODY)
        head = (await client[0].readuntil(b"\r\n\r\n")).split(b"\r\n")
        assert head[0] == b"HTTP/1.1 202 Accepted"
        assert {b"access-control-allow-origin: http://localhost:8401", b"vary: Origin"} <= set(head)


async def test_an_idle_connection_is_kept_for_a_while_after_its_last_answer_and_then_closed():
    async with serving(small(keep_alive_seconds=1)) as (_, connect):
        client = await connect()
        for pause in (0, 0.5, 0.5, 0.5):
            await asyncio.sleep(pause)
            await send(client, HEAD + BODY)
            assert await status(client) == 202
        answered = time.monotonic()
        assert await client[0].read() == b""
        assert time.monotonic() - answered > 0.7


async def test_a_connection_whose_request_takes_longer_than_idle_ones_are_kept_is_not_closed():
    async with serving(small(keep_alive_seconds=1), publisher := SlowPublisher()) as (_, connect):
        client = await connect()
        await send(client, b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n")
        assert await status(client) == 404
        await send(client, HEAD + BODY)
        await asyncio.sleep(1.3)
        publisher.waiting.pop().set_result(None)
        assert await status(client) == 202
        assert await client[0].read() == b""
