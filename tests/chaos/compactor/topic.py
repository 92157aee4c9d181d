"""How far a topic is, and how far its group says that it is read."""

from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import Consumer, TopicPartition

from deploy.topic import PARTITIONS
from eyeshot.kafka_login import for_librdkafka
from eyeshot.settings import Kafka

ANSWER_SECONDS = 10.0
GROUP = "eyeshot-compactor"


class Topic:
    """One topic, looked at from outside. Every method raises KafkaException while Kafka is away."""

    def __init__(self, kafka: Kafka) -> None:
        self._client = {"bootstrap.servers": kafka.bootstrap, "group.id": GROUP, "log_level": 0} | for_librdkafka(kafka)
        self._places = [TopicPartition(kafka.topic, partition) for partition in range(PARTITIONS)]

    def ends(self) -> dict[int, int]:
        """The offset after the last record of each partition."""
        with self._consumer() as consumer:
            return {each.partition: consumer.get_watermark_offsets(each, ANSWER_SECONDS)[1] for each in self._places}

    def committed(self) -> dict[int, int]:
        """The group's offsets, 0 where it has none."""
        with self._consumer() as consumer:
            return {each.partition: max(0, each.offset) for each in consumer.committed(self._places, ANSWER_SECONDS)}

    @contextmanager
    def _consumer(self) -> Iterator[Consumer]:
        consumer = Consumer(self._client)
        try:
            yield consumer
        finally:
            consumer.close()
