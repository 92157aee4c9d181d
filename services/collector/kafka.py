"""Records in, Kafka out: a producer that is replaced when it does not acknowledge in time."""

import asyncio
import logging
import zlib

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from eyeshot.kafka_login import for_aiokafka
from eyeshot.logs import happened
from eyeshot.settings import Kafka
from services.collector.lane import Lane, Timing
from services.collector.login import why
from services.collector.ports import Unavailable
from services.collector.settings import Collector

CONNECT_PAUSE_SECONDS = 1.0
STOP_SECONDS = 5.0
BATCH_BYTES = 256 * 1024


class KafkaPublisher:
    """Publishes with acks=all under the collector's own deadline, because the library's are not to be trusted."""

    def __init__(self, kafka: Kafka, collector: Collector) -> None:
        self._kafka = kafka
        self._collector = collector
        self._timing = Timing(collector.linger_ms / 1000, collector.publish_timeout_ms / 1000)
        self._producer: AIOKafkaProducer | None = None
        self._lanes: list[Lane] = []
        self._connecting: asyncio.Task[None] | None = None
        self._retiring: set[asyncio.Task[None]] = set()
        self._trouble: str | None = "not connected to Kafka yet"

    async def start(self) -> None:
        """Begin to connect; returns at once."""
        self._connecting = asyncio.create_task(self._connect())

    async def stop(self) -> None:
        """Send what is under way and let go, within a bounded time."""
        if self._connecting:
            self._connecting.cancel()
        self._trouble = "stopping"
        producer, self._producer = self._producer, None
        if producer:
            await _retire(producer, self._lanes)
        if self._retiring:
            await asyncio.wait(self._retiring)

    def ready(self) -> str | None:
        """Why records cannot be made durable now, or None."""
        return self._trouble

    def publish(self, key: bytes, value: bytes) -> "asyncio.Future[None]":
        """Take a record for the partition of its key; the future is its acknowledgement, shared with its batch."""
        if self._producer is None:
            raise Unavailable(self._trouble or "not connected to Kafka")
        return self._lanes[zlib.crc32(key) % len(self._lanes)].add(key, value)

    def _replace(self, failed: AIOKafkaProducer, reason: str) -> None:
        if self._producer is not failed:
            return
        happened("producer_failed", level=logging.WARNING, reason=reason)
        self._producer, self._trouble = None, reason
        task = asyncio.create_task(_retire(failed, self._lanes))
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)
        self._connecting = asyncio.create_task(self._connect())

    async def _connect(self) -> None:
        while self._producer is None:
            producer = self._new_producer()
            try:
                async with asyncio.timeout(self._collector.connect_timeout_ms / 1000):
                    await producer.start()
                    # A producer that was started knows a broker, but not yet that the topic is there.
                    partitions = await producer.partitions_for(self._kafka.topic)
            except (KafkaError, OSError) as error:
                await _kill(producer)
                self._trouble = await why(self._kafka, error, self._collector.connect_timeout_ms)
                happened("waiting_for_kafka", bootstrap=self._kafka.bootstrap, reason=self._trouble)
                await asyncio.sleep(CONNECT_PAUSE_SECONDS)
            else:
                self._lanes = [self._lane(producer, number) for number in sorted(partitions)]
                self._producer, self._trouble = producer, None
                happened("connected_to_kafka", bootstrap=self._kafka.bootstrap, topic=self._kafka.topic)

    def _lane(self, producer: AIOKafkaProducer, partition: int) -> Lane:
        return Lane(
            producer, self._kafka.topic, partition, self._timing, lambda reason: self._replace(producer, reason)
        )

    def _new_producer(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            bootstrap_servers=self._kafka.bootstrap,
            acks="all",
            enable_idempotence=False,
            compression_type="zstd",
            linger_ms=0,  # records wait for company in their lane
            max_batch_size=BATCH_BYTES,
            request_timeout_ms=self._collector.connect_timeout_ms,
            **for_aiokafka(self._kafka),
        )


async def _retire(producer: AIOKafkaProducer, lanes: list[Lane]) -> None:
    """Let the lanes reach their deadlines, then stop."""
    await asyncio.gather(*(lane.finish() for lane in lanes))
    for lane in lanes:
        lane.cancel()
    await _kill(producer)


async def _kill(producer: AIOKafkaProducer) -> None:
    """Stop a producer. One that hangs (aio-libs/aiokafka#1101) is taken apart: its own stop() would wait for ever."""
    stopping = asyncio.create_task(producer.stop())
    _, pending = await asyncio.wait({stopping}, timeout=STOP_SECONDS)
    if not pending:
        if error := stopping.exception():
            happened("producer_stop_failed", level=logging.WARNING, error=repr(error))
        return
    stopping.cancel()
    parts = [producer._sender.close(), producer.client.close()]
    tasks = [asyncio.create_task(part) for part in parts]
    _, hanging = await asyncio.wait(tasks, timeout=STOP_SECONDS)
    for task in hanging:
        task.cancel()
    happened("producer_taken_apart", level=logging.WARNING, parts_hanging=len(hanging))
