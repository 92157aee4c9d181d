"""Kafka in; how far the topic reaches out."""

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from eyeshot.kafka_login import for_aiokafka
from eyeshot.lake.ports import TopicUnavailable
from eyeshot.settings import Kafka


class KafkaTopic:
    """Asks with a consumer that reads nothing and belongs to no group."""

    def __init__(self, settings: Kafka) -> None:
        self._settings = settings

    async def ends(self) -> dict[int, int]:
        """The end offset of every partition. Raises TopicUnavailable."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._settings.bootstrap, group_id=None, **for_aiokafka(self._settings)
        )
        try:
            await consumer.start()
            partitions = consumer.partitions_for_topic(self._settings.topic) or await self._asked(consumer)
            places = [TopicPartition(self._settings.topic, partition) for partition in partitions]
            return {place.partition: end for place, end in (await consumer.end_offsets(places)).items()}
        except (KafkaError, OSError) as error:
            raise TopicUnavailable(f"Kafka at {self._settings.bootstrap}: {error!r}") from error
        finally:
            await consumer.stop()

    async def _asked(self, consumer: AIOKafkaConsumer) -> set[int]:
        """A consumer without a subscription knows a topic only once it was asked about it."""
        consumer.assign([TopicPartition(self._settings.topic, 0)])
        await consumer.end_offsets([TopicPartition(self._settings.topic, 0)])
        return consumer.partitions_for_topic(self._settings.topic) or {0}
