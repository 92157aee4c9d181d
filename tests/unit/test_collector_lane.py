"""Records into shared batches, over a producer that acknowledges when it is told to."""

import asyncio
from collections.abc import Callable

import pytest
from aiokafka.producer.message_accumulator import BatchBuilder

from eyeshot import metrics
from services.collector.lane import Lane, Timing
from services.collector.ports import Unavailable

DEADLINE_SECONDS = 30
FOREVER = 60.0


class Producer:
    """Keeps what is handed over to it: partition, records, and the acknowledgement to come."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, int, asyncio.Future[None]]] = []

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(1_000, 0)

    async def send_batch(self, builder: BatchBuilder, topic: str, *, partition: int) -> "asyncio.Future[None]":
        acknowledged: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.sent.append((partition, builder.record_count(), acknowledged))
        return acknowledged

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """Partition and records of every batch."""
        return [(partition, records) for partition, records, _ in self.sent]


@pytest.fixture
def producer() -> Producer:
    return Producer()


def lane(producer: Producer, timing: Timing, partition: int = 0, failures: list[str] | None = None) -> Lane:
    return Lane(producer, "events", partition, timing, ([] if failures is None else failures).append)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not condition():
            await asyncio.sleep(0.001)


async def test_records_that_come_together_share_a_batch_and_its_acknowledgement(producer: Producer):
    filled = lane(producer, Timing(0.01, FOREVER))
    first, second = filled.add(b"a", b"1"), filled.add(b"b", b"2")
    await until(lambda: len(producer.sent) == 1)
    assert producer.shapes == [(0, 2)]
    assert not first.done()
    producer.sent[0][2].set_result(None)
    await asyncio.gather(first, second)


async def test_a_full_batch_closes_and_the_next_one_opens(producer: Producer):
    filled = lane(producer, Timing(0.001, FOREVER))
    for number in range(6):
        filled.add(b"a", b"%d" % number * 300)
    await until(lambda: len(producer.sent) == 2)
    assert producer.shapes == [(0, 3), (0, 3)]


async def test_what_is_not_acknowledged_by_the_deadline_fails_and_says_so(producer: Producer):
    failures: list[str] = []
    filled = lane(producer, Timing(0.001, 0.05), failures=failures)
    with pytest.raises(Unavailable, match=r"within 0\.05 s"):
        await filled.add(b"a", b"1")
    assert len(failures) == 1
    await filled.finish()


async def test_waiting_for_company_and_for_kafka_are_measured_apart(producer: Producer):
    times = (metrics.QUEUE_SECONDS.labels(), metrics.KAFKA_SECONDS.labels())
    before = [sum(each.counts) for each in times]
    acknowledged = lane(producer, Timing(0.001, FOREVER)).add(b"a", b"1")
    await until(lambda: len(producer.sent) == 1)
    assert [sum(each.counts) for each in times] == [before[0] + 1, before[1]]
    producer.sent[0][2].set_result(None)
    await acknowledged
    assert [sum(each.counts) for each in times] == [before[0] + 1, before[1] + 1]
