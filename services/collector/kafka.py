"""Records in, Kafka out: a producer that is replaced when it does not acknowledge in time."""

import asyncio
import logging

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from eyeshot.logs import happened
from eyeshot.settings import Kafka
from services.collector.app import Unavailable
from services.collector.settings import Collector

CONNECT_PAUSE_SECONDS = 1.0
STOP_SECONDS = 5.0
BATCH_BYTES = 256 * 1024
ENVELOPE_BYTES = 4 * 1024


class KafkaPublisher:
    """Publishes with acks=all under the collector's own deadline, because the library's are not to be trusted."""

    def __init__(self, kafka: Kafka, collector: Collector) -> None:
        self._kafka = kafka
        self._collector = collector
        self._producer: AIOKafkaProducer | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._stopping: set[asyncio.Task[None]] = set()
        self._trouble: str | None = "not connected to Kafka yet"

    async def start(self) -> None:
        """Begin to connect; returns at once."""
        self._connecting = asyncio.create_task(self._connect())

    async def stop(self) -> None:
        """Send what is under way and let go, within a bounded time."""
        if self._connecting:
            self._connecting.cancel()
        self._trouble = "stopping"
        if self._producer:
            await _stop(self._producer)

    def ready(self) -> str | None:
        """Why records cannot be made durable now, or None."""
        return self._trouble

    async def publish(self, key: bytes, value: bytes) -> None:
        """Return once Kafka acknowledged the record. Raises Unavailable when it does not in time."""
        producer = self._producer
        if producer is None:
            raise Unavailable(self._trouble or "not connected to Kafka")
        try:
            async with asyncio.timeout(self._collector.publish_timeout_ms / 1000):
                acknowledged = await producer.send(self._kafka.topic, value, key)
                acknowledged.add_done_callback(_look_at)
                await asyncio.shield(acknowledged)
        except TimeoutError:
            self._replace(
                producer,
                f"Kafka did not acknowledge within {self._collector.publish_timeout_ms} ms",
            )
            raise Unavailable("Kafka did not acknowledge in time") from None
        except KafkaError as error:
            self._replace(producer, f"Kafka refused: {error!r}")
            raise Unavailable("Kafka refused the record") from None

    def _replace(self, failed: AIOKafkaProducer, reason: str) -> None:
        if self._producer is not failed:
            return
        happened("producer_failed", level=logging.WARNING, reason=reason)
        self._producer, self._trouble = None, reason
        task = asyncio.create_task(_stop(failed))
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)
        self._connecting = asyncio.create_task(self._connect())

    async def _connect(self) -> None:
        while self._producer is None:
            producer = self._new_producer()
            try:
                await producer.start()
                # A producer that was started knows a broker, but not yet that the topic is there.
                await producer.partitions_for(self._kafka.topic)
            except (KafkaError, OSError) as error:
                self._trouble = f"waiting for Kafka at {self._kafka.bootstrap}: {error!r}"
                happened(
                    "waiting_for_kafka",
                    bootstrap=self._kafka.bootstrap,
                    error=repr(error),
                )
                await _stop(producer)
                await asyncio.sleep(CONNECT_PAUSE_SECONDS)
            else:
                self._producer, self._trouble = producer, None
                happened(
                    "connected_to_kafka",
                    bootstrap=self._kafka.bootstrap,
                    topic=self._kafka.topic,
                )

    def _new_producer(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            bootstrap_servers=self._kafka.bootstrap,
            acks="all",
            enable_idempotence=False,
            compression_type="zstd",
            linger_ms=self._collector.linger_ms,
            max_batch_size=BATCH_BYTES,
            max_request_size=self._collector.inflated_bytes_max + ENVELOPE_BYTES,
            request_timeout_ms=self._collector.publish_timeout_ms,
        )


def _look_at(acknowledged: asyncio.Future[object]) -> None:
    """An answer that comes after its deadline has nobody left to tell."""
    if not acknowledged.cancelled():
        acknowledged.exception()


async def _stop(producer: AIOKafkaProducer) -> None:
    """Stop a producer, but do not wait for one that hangs (aio-libs/aiokafka#1101)."""
    task = asyncio.create_task(producer.stop())
    _, pending = await asyncio.wait({task}, timeout=STOP_SECONDS)
    for hanging in pending:
        hanging.cancel()
    if not pending and (error := task.exception()):
        happened("producer_stop_failed", level=logging.WARNING, error=repr(error))
