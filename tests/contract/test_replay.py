"""One exam for reading a range of offsets again: the twin in memory, and the real one on a broker."""

from collections.abc import AsyncIterator, Iterator
from typing import Protocol

import pytest
from confluent_kafka import Producer

from eyeshot.settings import Kafka
from services.compactor.kafka import KafkaSource
from services.compactor.ports import Beginning
from services.compactor.rows import KafkaRecord
from services.compactor.settings import Compactor
from tests.twins import MemorySource

DEADLINE_SECONDS = 30
RECORDS = 7
AFTER_ALL_MS = 4_000_000_000_000


async def offsets(batches: AsyncIterator[list[KafkaRecord]]) -> list[int]:
    return [record.offset async for batch in batches for record in batch]


class Topic(Protocol):
    """What can be read again of a source's topic."""

    def reread(self, partition: int, first: int, following: int) -> AsyncIterator[list[KafkaRecord]]: ...

    async def since(self, partition: int, epoch_ms: int, following: int) -> Beginning: ...


class ReplayContract:
    async def test_after_the_last_record_begins_what_is_to_come(self, topic: Topic):
        assert await topic.since(1, AFTER_ALL_MS, RECORDS) == Beginning(RECORDS, 0)

    async def test_a_time_before_the_epoch_is_no_error(self, topic: Topic):
        assert (await topic.since(1, -1, RECORDS)).oldest == 0

    async def test_exactly_the_range_is_read(self, topic: Topic):
        assert await offsets(topic.reread(1, 2, 5)) == [2, 3, 4]
        assert await offsets(topic.reread(1, 0, RECORDS)) == list(range(RECORDS))

    async def test_what_is_read_is_what_was_produced(self, topic: Topic):
        records = [record async for batch in topic.reread(1, 3, 4) for record in batch]
        assert [(record.partition, record.offset, record.value) for record in records] == [(1, 3, b"record 3")]

    async def test_an_empty_range_gives_nothing(self, topic: Topic):
        assert await offsets(topic.reread(1, 3, 3)) == []

    async def test_beyond_the_end_it_does_not_wait_for_what_may_never_come(self, topic: Topic):
        assert await offsets(topic.reread(1, RECORDS - 1, RECORDS + 100)) == [RECORDS - 1]
        assert await offsets(topic.reread(0, 0, 5)) == []


class TestMemoryReplay(ReplayContract):
    @pytest.fixture
    def topic(self) -> Topic:
        source = MemorySource()
        for number in range(RECORDS):
            source.produce(b"record %d" % number, partition=1, timestamp=0)
        return source

    async def test_records_of_a_time_begin_with_the_first_that_is_as_young(self):
        source = MemorySource()
        for time in (1, 5, 3, 5):
            source.produce(b"", partition=0, timestamp=time)
        assert [await source.since(0, time, 4) for time in (1, 2, 5)] == [Beginning(at, 0) for at in (0, 1, 1)]
        assert await source.since(0, 2, 1) == Beginning(1, 0)

    async def test_what_retention_took_is_not_there(self):
        source = MemorySource()
        for _ in range(3):
            source.produce(b"", partition=0, timestamp=0)
        source.beginnings[0] = 2
        assert await offsets(source.reread(0, 0, 3)) == [2]


class TestKafkaReplay(ReplayContract):
    """Against librdkafka's mock cluster: a TCP broker, but no disk and no retention."""

    @pytest.fixture
    def topic(self) -> Iterator[Topic]:
        cluster = Producer({"test.mock.num.brokers": 1, "log_level": 0})
        (address,) = cluster.list_topics(timeout=DEADLINE_SECONDS).brokers.values()
        for number in range(RECORDS):
            cluster.produce("events", b"record %d" % number, partition=1)
        assert cluster.flush(DEADLINE_SECONDS) == 0
        yield KafkaSource(Kafka(bootstrap=f"{address.host}:{address.port}"), Compactor())
