"""A range of offsets in; its records out, read again from Kafka without the group noticing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from eyeshot.kafka_login import for_aiokafka
from eyeshot.logs import happened
from eyeshot.settings import Kafka
from services.compactor.ports import Beginning
from services.compactor.rows import KafkaRecord

PAUSE_SECONDS = 1.0
POLL_MS = 500
RECORDS_AT_ONCE = 1_000


async def reread(kafka: Kafka, partition: int, first: int, following: int) -> AsyncIterator[list[KafkaRecord]]:
    """Records `first` … `following` - 1 as far as Kafka still has them. Waits for Kafka, and says so."""
    at = first
    while at < following:
        try:
            async with _consumer(kafka) as consumer:
                async for records, reached in _read(consumer, TopicPartition(kafka.topic, partition), at, following):
                    if records:
                        yield records
                    at = reached
        except (KafkaError, OSError) as error:
            await _wait(kafka, error)


async def since(kafka: Kafka, partition: int, epoch_ms: int, following: int) -> Beginning:
    """Where the records begin that are as young as that, at most at `following`. Waits for Kafka, and says so."""
    place = TopicPartition(kafka.topic, partition)
    while True:
        try:
            async with _consumer(kafka) as consumer:
                consumer.assign([place])
                found = (await consumer.offsets_for_times({place: max(epoch_ms, 0)}))[place]
                oldest = (await consumer.beginning_offsets([place]))[place]
                return Beginning(min(found.offset, following) if found else following, oldest)
        except (KafkaError, OSError) as error:
            await _wait(kafka, error)


async def _wait(kafka: Kafka, error: Exception) -> None:
    happened("waiting_for_kafka", bootstrap=kafka.bootstrap, error=repr(error))
    await asyncio.sleep(PAUSE_SECONDS)


async def _read(
    consumer: AIOKafkaConsumer, place: TopicPartition, first: int, following: int
) -> AsyncIterator[tuple[list[KafkaRecord], int]]:
    """Records, and the offset from which to go on; the last one is `following`, though Kafka may hold nothing there."""
    consumer.assign([place])
    beginning = (await consumer.beginning_offsets([place]))[place]
    end = min(following, (await consumer.end_offsets([place]))[place])
    consumer.seek(place, max(first, beginning))
    while await consumer.position(place) < end:
        batch = (await consumer.getmany(place, timeout_ms=POLL_MS, max_records=RECORDS_AT_ONCE)).get(place, [])
        records = [KafkaRecord(each.partition, each.offset, each.timestamp, each.value or b"") for each in batch]
        yield [record for record in records if record.offset < following], await consumer.position(place)
    yield [], following


@asynccontextmanager
async def _consumer(kafka: Kafka) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka.bootstrap,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        **for_aiokafka(kafka),
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()
