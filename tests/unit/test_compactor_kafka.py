"""What the Kafka adapter does while Kafka is away."""

from collections.abc import Iterable

from aiokafka import TopicPartition
from aiokafka.errors import KafkaTimeoutError

from eyeshot.settings import Kafka
from services.compactor.kafka import KafkaSource
from services.compactor.settings import Compactor

PLACE = TopicPartition("events", 3)


class AwayConsumer:
    """Kafka's client, of which the first questions time out."""

    def __init__(self, timeouts: int) -> None:
        self._timeouts = timeouts
        self.sought: dict[TopicPartition, int] = {}

    def assignment(self) -> set[TopicPartition]:
        return {PLACE}

    async def beginning_offsets(self, places: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        if self._timeouts:
            self._timeouts -= 1
            raise KafkaTimeoutError
        return dict.fromkeys(places, 4)

    def seek(self, place: TopicPartition, offset: int) -> None:
        self.sought[place] = offset


async def test_a_seek_waits_for_kafka_however_long_it_is_away():
    source = KafkaSource(Kafka(bootstrap="127.0.0.1:1"), Compactor())
    source._consumer = consumer = AwayConsumer(timeouts=3)

    assert await source.seek({3: 9}) == {3: 9}
    assert consumer.sought == {PLACE: 9}
