"""One exam for reading a range of offsets again: the twin in memory, and the real one on a broker."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from confluent_kafka import Producer

from eyeshot.settings import Kafka
from services.compactor.replay import reread
from services.compactor.rows import KafkaRecord
from tests.twins import MemorySource

DEADLINE_SECONDS = 30
RECORDS = 7
Reread = Callable[[int, int, int], AsyncIterator[list[KafkaRecord]]]


async def offsets(batches: AsyncIterator[list[KafkaRecord]]) -> list[int]:
    return [record.offset async for batch in batches for record in batch]


class ReplayContract:
    async def test_exactly_the_range_is_read(self, again: Reread):
        assert await offsets(again(1, 2, 5)) == [2, 3, 4]
        assert await offsets(again(1, 0, RECORDS)) == list(range(RECORDS))

    async def test_what_is_read_is_what_was_produced(self, again: Reread):
        records = [record async for batch in again(1, 3, 4) for record in batch]
        assert [(record.partition, record.offset, record.value) for record in records] == [(1, 3, b"record 3")]

    async def test_an_empty_range_gives_nothing(self, again: Reread):
        assert await offsets(again(1, 3, 3)) == []

    async def test_beyond_the_end_it_does_not_wait_for_what_may_never_come(self, again: Reread):
        assert await offsets(again(1, RECORDS - 1, RECORDS + 100)) == [RECORDS - 1]
        assert await offsets(again(0, 0, 5)) == []


class TestMemoryReplay(ReplayContract):
    @pytest.fixture
    def again(self) -> Reread:
        source = MemorySource()
        for number in range(RECORDS):
            source.produce(b"record %d" % number, partition=1, timestamp=0)
        return source.reread

    async def test_what_retention_took_is_not_there(self):
        source = MemorySource()
        for _ in range(3):
            source.produce(b"", partition=0, timestamp=0)
        source.beginnings[0] = 2
        assert await offsets(source.reread(0, 0, 3)) == [2]


class TestKafkaReplay(ReplayContract):
    """Against librdkafka's mock cluster: a TCP broker, but no disk and no retention."""

    @pytest.fixture
    def again(self) -> Iterator[Reread]:
        cluster = Producer({"test.mock.num.brokers": 1, "log_level": 0})
        (address,) = cluster.list_topics(timeout=DEADLINE_SECONDS).brokers.values()
        for number in range(RECORDS):
            cluster.produce("events", b"record %d" % number, partition=1)
        assert cluster.flush(DEADLINE_SECONDS) == 0
        kafka = Kafka(bootstrap=f"{address.host}:{address.port}")
        yield lambda partition, first, following: reread(kafka, partition, first, following)
