"""Kafka in; records out, from wherever the commit log says."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from itertools import chain

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError, KafkaTimeoutError
from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient

from eyeshot.kafka_login import LoginWatch, for_aiokafka, for_librdkafka
from eyeshot.logs import happened
from eyeshot.settings import Kafka
from services.compactor.core import records_to_poll
from services.compactor.fetched import record_as_ours
from services.compactor.ports import Beginning
from services.compactor.replay import reread, since
from services.compactor.rows import KafkaRecord
from services.compactor.settings import Compactor

CONNECT_PAUSE_SECONDS = 1.0
ADMIN_SECONDS = 10.0
STOP_SECONDS = 10.0
HINT_SECONDS = 5.0
HEARTBEATS_OF_A_SESSION = 0.3  # three of them may be late

OnAssigned = Callable[[frozenset[int]], Awaitable[None]]
OnRevoked = Callable[[], Awaitable[None]]


class Away(Exception):
    """Kafka does not answer, does not have the topic, or does not let us in; the text says which."""


class KafkaSource:
    """The topic, shared with other compactors through the consumer group."""

    def __init__(self, kafka: Kafka, compactor: Compactor) -> None:
        self._kafka = kafka
        self._compactor = compactor
        self._consumer: AIOKafkaConsumer | None = None
        self.trouble: str | None = None
        record_as_ours()

    async def topic_id(self) -> str:
        """The topic's id. Waits for Kafka and for the topic, and says so."""
        while True:
            try:
                identity = await asyncio.to_thread(self._describe)
            except Away as error:
                self._wait_for_kafka(str(error))
                await asyncio.sleep(CONNECT_PAUSE_SECONDS)
            else:
                self.trouble = None
                return identity

    async def start(self, on_assigned: OnAssigned, on_revoked: OnRevoked) -> None:
        """Join the group; tries again until Kafka lets it in."""
        while self._consumer is None:
            consumer = self._new_consumer()
            consumer.subscribe([self._kafka.topic], listener=_Listener(on_assigned, on_revoked))
            self._consumer = consumer  # the listener seeks while start() is still under way
            try:
                await consumer.start()
            except (KafkaError, OSError) as error:
                self._consumer = None
                self._wait_for_kafka(repr(error))
                await consumer.stop()
                await asyncio.sleep(CONNECT_PAUSE_SECONDS)
        self.trouble = None

    def _wait_for_kafka(self, error: str) -> None:
        self.trouble = f"waiting for Kafka at {self._kafka.bootstrap}: {error}"
        happened("waiting_for_kafka", bootstrap=self._kafka.bootstrap, topic=self._kafka.topic, error=error)

    async def stop(self) -> None:
        """Leave the group, within a bounded time."""
        if self._consumer:
            await asyncio.wait({asyncio.create_task(self._consumer.stop())}, timeout=STOP_SECONDS)

    async def poll(self, seconds: float) -> list[KafkaRecord]:
        """Records as they come, or none after so many seconds."""
        records: list[KafkaRecord] = []
        size, wanted = 0, self._to_poll(0, 0)
        while wanted:
            more = await self._poll(0 if records else seconds, wanted)
            if not more:
                break
            records += more
            size += sum([len(record.value) for record in more])
            wanted = self._to_poll(len(records), size)
        return records

    def _to_poll(self, records: int, size: int) -> int:
        limits = self._compactor
        return records_to_poll(records, size, records_max=limits.poll_records_max, bytes_max=limits.poll_bytes_max)

    async def _poll(self, seconds: float, most: int) -> list[KafkaRecord]:
        batches = await self._joined.getmany(timeout_ms=round(seconds * 1000), max_records=most)
        return list(chain.from_iterable(batches.values()))

    async def seek(self, offsets: Mapping[int, int]) -> dict[int, int]:
        """Go on at these offsets; a partition not named starts at its beginning. Where each really starts."""
        beginnings = await self._beginnings()
        starts = {}
        for place, beginning in beginnings.items():
            wanted = offsets.get(place.partition, beginning)
            starts[place.partition] = max(wanted, beginning)
            self._joined.seek(place, starts[place.partition])
        return starts

    def reread(self, partition: int, first: int, following: int) -> AsyncIterator[list[KafkaRecord]]:
        """Records `first` … `following` - 1 as far as Kafka still has them; the group knows nothing of it."""
        return reread(self._kafka, partition, first, following)

    async def since(self, partition: int, epoch_ms: int, following: int) -> Beginning:
        """Where the records begin that are as young as that; `following` when there is none before it."""
        return await since(self._kafka, partition, epoch_ms, following)

    async def hint(self, offsets: Mapping[int, int]) -> None:
        """Tell lag tools what is committed; it is never read back, so that a failure is only worth a line."""
        places = {self._place(partition): offset for partition, offset in offsets.items()}
        try:
            async with asyncio.timeout(HINT_SECONDS):  # a rebalance may be waiting for the very lock its caller holds
                await self._joined.commit(places)
        except (KafkaError, TimeoutError) as error:
            happened("hint_failed", level=logging.WARNING, error=repr(error))

    def lag(self, offsets: Mapping[int, int]) -> dict[int, int]:
        """Records that Kafka has beyond these offsets, as far as it is known."""
        assigned = self._joined.assignment()
        ends = {part: self._joined.highwater(self._place(part)) for part in offsets if self._place(part) in assigned}
        return {partition: end - offsets[partition] for partition, end in ends.items() if end is not None}

    @property
    def _joined(self) -> AIOKafkaConsumer:
        assert self._consumer is not None, "start() comes first"
        return self._consumer

    async def _beginnings(self) -> dict[TopicPartition, int]:
        """Where each assigned partition begins. Asks again while Kafka is away, as long as that may be."""
        while True:
            try:
                return dict(await self._joined.beginning_offsets(self._joined.assignment()))
            except KafkaTimeoutError as error:
                happened("waiting_for_kafka", bootstrap=self._kafka.bootstrap, error=repr(error))

    def _place(self, partition: int) -> TopicPartition:
        return TopicPartition(self._kafka.topic, partition)

    def _describe(self) -> str:
        watch = LoginWatch(self._kafka)
        own = {"bootstrap.servers": self._kafka.bootstrap, "log_level": 0, "error_cb": watch}
        admin = AdminClient(own | for_librdkafka(self._kafka))
        futures = admin.describe_topics(TopicCollection([self._kafka.topic]), request_timeout=ADMIN_SECONDS)
        try:
            return str(futures[self._kafka.topic].result(timeout=ADMIN_SECONDS).topic_id)
        except (KafkaException, TimeoutError) as nobody:
            admin.poll(0)
            raise Away(watch.refused or str(nobody) or repr(nobody)) from nobody

    def _new_consumer(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            bootstrap_servers=self._kafka.bootstrap,
            group_id=self._compactor.group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",  # of no effect: every assignment is followed by a seek
            check_crcs=False,
            fetch_max_bytes=self._compactor.poll_bytes_max,
            **for_aiokafka(self._kafka),
            session_timeout_ms=round(self._compactor.session_seconds * 1000),
            heartbeat_interval_ms=round(self._compactor.session_seconds * HEARTBEATS_OF_A_SESSION * 1000),
        )


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, on_assigned: OnAssigned, on_revoked: OnRevoked) -> None:
        self._on_assigned = on_assigned
        self._on_revoked = on_revoked

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        await self._on_revoked()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        await self._on_assigned(frozenset(place.partition for place in assigned))
