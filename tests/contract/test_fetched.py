"""What a consumer gives once our way of unpacking is in its place, on librdkafka's mock broker."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer import fetcher
from confluent_kafka import Producer

from services.compactor.fetched import record_as_ours
from services.compactor.rows import KafkaRecord

DEADLINE_SECONDS = 60
PLACE = TopicPartition("fetched", 1)
AT = 1_764_115_100_000


async def test_a_consumer_gives_our_records_and_an_empty_value_for_none(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fetcher, "PartitionRecords", fetcher.PartitionRecords)  # other tests get it back
    record_as_ours()
    producer = Producer({"test.mock.num.brokers": 1, "log_level": 0})
    for number, value in enumerate((b"first", None, b"third")):
        producer.produce(PLACE.topic, value, key=b"key", partition=PLACE.partition, timestamp=AT + number)
    assert await asyncio.to_thread(producer.flush, DEADLINE_SECONDS) == 0
    (broker,) = producer.list_topics(timeout=DEADLINE_SECONDS).brokers.values()

    consumer = AIOKafkaConsumer(bootstrap_servers=f"{broker.host}:{broker.port}", group_id=None)
    consumer.assign([PLACE])
    try:
        await consumer.start()
        consumer.seek(PLACE, 0)
        records: list[object] = []
        async with asyncio.timeout(DEADLINE_SECONDS):
            while len(records) < 3:
                for some in (await consumer.getmany(timeout_ms=1_000)).values():
                    records += some
    finally:
        await consumer.stop()

    assert records == [
        KafkaRecord(1, 0, AT, b"first"),
        KafkaRecord(1, 1, AT + 1, b""),
        KafkaRecord(1, 2, AT + 2, b"third"),
    ]
    assert {type(record) for record in records} == {KafkaRecord}
