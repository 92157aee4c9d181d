"""The control: a compactor as one would write it first. The harness must find what it loses and doubles.

It names files by their first offset, so that what is written again should replace itself, and commits the group's
offsets after the upload, so that nothing should be lost. It has no log.
"""

import asyncio
import logging
import os

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from botocore.exceptions import BotoCoreError, ClientError

from eyeshot import fail_point, logs
from eyeshot.fail_point import reach
from eyeshot.kafka_login import for_aiokafka
from eyeshot.lake.client import connect
from eyeshot.lake.parquet import ParquetFile
from eyeshot.logs import happened
from eyeshot.settings import load
from eyeshot.table import TABLES, partition_prefix
from services.compactor.decode import decode
from services.compactor.rows import KafkaRecord
from services.compactor.settings import CompactorSettings

ATTEMPTS = 20


class Naive:
    """Reads for a while, uploads, commits offsets."""

    def __init__(self, settings: CompactorSettings) -> None:
        own = settings.compactor
        self._settings = settings
        self._consumer = AIOKafkaConsumer(
            settings.kafka.topic,
            bootstrap_servers=settings.kafka.bootstrap,
            group_id=own.group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            **for_aiokafka(settings.kafka),
            session_timeout_ms=round(own.session_seconds * 1000),
            heartbeat_interval_ms=round(own.session_seconds * 300),
        )
        self._store = connect(settings.s3, attempts=ATTEMPTS, connect_seconds=1, read_seconds=own.answer_seconds)

    async def run(self) -> None:
        """Until it is killed."""
        await self._consumer.start()
        while True:
            await self._flush(await self._gather())

    async def _gather(self) -> dict[TopicPartition, list[KafkaRecord]]:
        gathered: dict[TopicPartition, list[KafkaRecord]] = {}
        until = asyncio.get_running_loop().time() + self._settings.compactor.flush_seconds
        while (left := until - asyncio.get_running_loop().time()) > 0:
            for place, records in (await self._consumer.getmany(timeout_ms=round(left * 1000) + 1)).items():
                gathered.setdefault(place, []).extend(
                    KafkaRecord(each.partition, each.offset, each.timestamp, each.value or b"") for each in records
                )
        return gathered

    async def _flush(self, gathered: dict[TopicPartition, list[KafkaRecord]]) -> None:
        for place, records in gathered.items():
            for slot, table in decode(records, self._settings.partition.zone).tables.items():
                file = ParquetFile(TABLES[slot.table], self._settings.compactor.row_group_rows)
                file.write(table)
                key = f"{partition_prefix(slot.table, slot.day)}{place.partition}-{records[0].offset:020d}.parquet"
                reach("before_publish")
                await asyncio.to_thread(
                    self._store.put_object, Bucket=self._settings.s3.bucket, Key=key, Body=file.close()
                )
                reach("after_publish")
        reach("before_offsets")
        try:
            await self._consumer.commit({place: records[-1].offset + 1 for place, records in gathered.items()})
        except KafkaError as error:
            happened("offsets_not_committed", error=repr(error))
        reach("after_offsets")


async def _run() -> None:
    await Naive(load(CompactorSettings, os.environ)).run()


if __name__ == "__main__":
    logs.configure("naive", "info")
    fail_point.arm(os.environ)
    try:
        asyncio.run(_run())
    except (BotoCoreError, ClientError, KafkaError) as error:
        happened("stopped", level=logging.ERROR, reason=repr(error))
