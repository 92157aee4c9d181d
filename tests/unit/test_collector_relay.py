"""Durable in Kafka, or in the spool until Kafka has it: in order, with twins in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from services.collector.breaker import BreakerRules
from services.collector.ports import RecordRefused, Unavailable
from services.collector.relay import Outcome, Relay, Route
from tests.twins import MemoryPublisher, MemorySpool

DEADLINE_SECONDS = 60
RULES = BreakerRules(failures_max=2, pause_seconds_min=1, pause_seconds_max=1)


class Time:
    """A clock that stands still until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def publisher() -> MemoryPublisher:
    return MemoryPublisher()


@pytest.fixture
def spool() -> MemorySpool:
    return MemorySpool()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def relay(publisher: MemoryPublisher, spool: MemorySpool, time: Time) -> AsyncIterator[Relay]:
    relay = Relay(publisher, spool, rules=RULES, drain_records=10, monotonic=time)
    await relay.start()
    yield relay
    await relay.stop()


async def publish(relay: Relay, key: bytes, value: bytes) -> Route:
    """Where it is durable."""
    outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    relay.deposit(key, value, outcome.set_result)
    result = await outcome
    if isinstance(result, Exception):
        raise result
    return result


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_record_goes_straight_to_kafka(relay: Relay, publisher: MemoryPublisher):
    assert await publish(relay, b"k", b"1") == "kafka"
    assert publisher.records == [(b"k", b"1")]


@pytest.mark.parametrize("how", ["trouble", "silent"])
async def test_what_kafka_does_not_acknowledge_is_spooled(
    relay: Relay, publisher: MemoryPublisher, spool: MemorySpool, how: str
):
    setattr(publisher, how, "Kafka is away")
    assert await publish(relay, b"k", b"1") == "spool"
    assert [record.value for record in spool.records] == [b"1"]


async def test_while_kafka_counts_as_away_no_request_waits_for_it(relay: Relay, publisher: MemoryPublisher):
    publisher.silent = True
    for number in range(5):
        await publish(relay, b"k%d" % number, b"")
    publisher.silent = False
    assert await publish(relay, b"other", b"") == "spool"
    assert publisher.records == []


async def test_what_waits_drains_oldest_first_and_later_records_of_its_keys_do_not_overtake(
    relay: Relay, publisher: MemoryPublisher, spool: MemorySpool, time: Time
):
    publisher.trouble = "away"
    for number in range(50):
        await publish(relay, b"key %d" % (number % 5), b"%d" % number)
    publisher.trouble = None
    time.now = 1
    await publish(relay, b"key 0", b"50")
    await until(lambda: spool.waiting() == 0)
    assert [value for _, value in publisher.records] == [b"%d" % number for number in range(51)]
    assert await publish(relay, b"key 0", b"51") == "kafka"


async def test_other_keys_go_straight_while_the_rest_drains(relay: Relay, spool: MemorySpool):
    await spool.append(b"old", b"1")
    assert await publish(relay, b"new", b"2") == "kafka"


async def test_a_key_that_waits_is_waited_for_even_when_kafka_is_well(relay: Relay, spool: MemorySpool):
    await spool.append(b"old", b"1")
    assert await publish(relay, b"old", b"2") == "spool"


async def test_what_comes_after_an_unanswered_record_is_published_again_so_that_order_holds(
    relay: Relay, publisher: MemoryPublisher, spool: MemorySpool, time: Time
):
    for number in range(8):
        await spool.append(b"k", b"%d" % number)
    publisher.unanswered = {b"3"}
    await until(lambda: [value for _, value in publisher.records].count(b"4") >= 1)
    publisher.unanswered, time.now = set(), 1
    await until(lambda: spool.waiting() == 0)
    values = [value for _, value in publisher.records]
    last = {value: at for at, value in enumerate(values)}
    assert sorted(last, key=lambda value: last[value]) == [b"%d" % number for number in range(8)]


async def test_a_record_that_kafka_refuses_is_set_aside_and_the_next_ones_drain(
    relay: Relay, publisher: MemoryPublisher, spool: MemorySpool
):
    publisher.refused = {b"large"}
    for value in (b"1", b"large", b"3"):
        await spool.append(b"k", value)
    await until(lambda: spool.waiting() == 0)
    assert [record.value for record, _ in spool.aside] == [b"large"]
    assert {value for _, value in publisher.records} == {b"1", b"3"}


async def test_a_live_record_that_kafka_refuses_is_refused(relay: Relay, publisher: MemoryPublisher):
    publisher.refused = {b"large"}
    with pytest.raises(RecordRefused):
        await publish(relay, b"k", b"large")


async def test_without_kafka_and_room_it_is_unavailable_and_not_ready(
    relay: Relay, publisher: MemoryPublisher, spool: MemorySpool
):
    publisher.trouble = "away"
    assert relay.ready() is None
    spool.full = "full"
    assert relay.ready() == "away; full"
    with pytest.raises(Unavailable, match="full"):
        await publish(relay, b"k", b"1")


async def test_a_full_spool_does_not_keep_kafka_from_being_tried_again(
    relay: Relay, publisher: MemoryPublisher, spool: MemorySpool, time: Time
):
    publisher.trouble, spool.full = "away", "full"
    for _ in range(3):
        with pytest.raises(Unavailable):
            await publish(relay, b"k", b"1")
    publisher.trouble, time.now = None, 1
    assert await publish(relay, b"k", b"2") == "kafka"
