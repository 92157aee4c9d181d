"""One exam for every publisher: the twin in memory, and the real one on a broker that speaks Kafka's protocol."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from eyeshot.settings import Kafka
from services.collector.kafka import KafkaPublisher
from services.collector.ports import Publisher, Unavailable
from services.collector.settings import Collector
from tests.twins import MemoryPublisher

DEADLINE_SECONDS = 30
Records = Callable[[], list[tuple[bytes, bytes]]]


async def until_ready(publisher: Publisher) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while publisher.ready() is not None:
            await asyncio.sleep(0.02)


class PublisherContract:
    async def test_what_is_published_can_be_read_back(self, publisher: Publisher, records: Records):
        await publisher.publish(b"key", b"one")
        await asyncio.gather(*(publisher.publish(b"key", b"more %d" % number) for number in range(5)))
        found = records()
        assert found[0] == (b"key", b"one")
        assert sorted(found[1:]) == [(b"key", b"more %d" % number) for number in range(5)]

    async def test_a_started_publisher_is_ready(self, publisher: Publisher):
        assert publisher.ready() is None


class TestMemoryPublisher(PublisherContract):
    @pytest.fixture
    def publisher(self) -> MemoryPublisher:
        return MemoryPublisher()

    @pytest.fixture
    def records(self, publisher: MemoryPublisher) -> Records:
        return lambda: publisher.records


class TestKafkaPublisher(PublisherContract):
    """Against librdkafka's mock cluster: a TCP broker with acknowledgements, but no disk."""

    @pytest.fixture
    def broker(self) -> Iterator[str]:
        cluster = Producer({"test.mock.num.brokers": 1, "log_level": 0})
        (address,) = cluster.list_topics(timeout=DEADLINE_SECONDS).brokers.values()
        yield f"{address.host}:{address.port}"

    @pytest.fixture
    async def publisher(self, broker: str) -> AsyncIterator[KafkaPublisher]:
        publisher = KafkaPublisher(Kafka(bootstrap=broker), Collector())
        await publisher.start()
        await until_ready(publisher)
        yield publisher
        await publisher.stop()

    @pytest.fixture
    def records(self, broker: str) -> Records:
        def read() -> list[tuple[bytes, bytes]]:
            consumer = Consumer({"bootstrap.servers": broker, "group.id": "exam", "auto.offset.reset": "earliest"})
            consumer.assign([TopicPartition("events", number, 0) for number in range(4)])
            found = consumer.consume(num_messages=6, timeout=DEADLINE_SECONDS)
            consumer.close()
            return [(message.key(), message.value()) for message in found]

        return read


async def test_without_a_broker_publishing_is_refused_at_once_and_the_reason_is_told():
    publisher = KafkaPublisher(Kafka(bootstrap="127.0.0.1:1"), Collector())
    await publisher.start()
    with pytest.raises(Unavailable):
        await publisher.publish(b"key", b"value")
    async with asyncio.timeout(DEADLINE_SECONDS):
        while "waiting for Kafka" not in str(publisher.ready()):
            await asyncio.sleep(0.02)
    await publisher.stop()


async def test_a_broker_that_answers_too_late_is_not_waited_for_and_its_producer_is_replaced():
    slow = Producer({"test.mock.num.brokers": 1, "test.mock.broker.rtt": 600, "log_level": 0})
    (address,) = slow.list_topics(timeout=DEADLINE_SECONDS).brokers.values()
    publisher = KafkaPublisher(Kafka(bootstrap=f"{address.host}:{address.port}"), Collector(publish_timeout_ms=100))
    await publisher.start()
    await until_ready(publisher)
    async with asyncio.timeout(DEADLINE_SECONDS):
        with pytest.raises(Unavailable, match=r"within 0\.1 s"):
            await publisher.publish(b"key", b"value")
    with pytest.raises(Unavailable):
        publisher.publish(b"key", b"value")
    await until_ready(publisher)
    await publisher.stop()
