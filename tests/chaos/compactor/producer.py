"""Produces messages until it is told to stop; the ledger knows each one before it is sent, and when Kafka has it."""

import threading
import time

from confluent_kafka import KafkaError, Message, Producer

from eyeshot.kafka_login import for_librdkafka
from eyeshot.settings import Kafka
from tests.chaos.compactor.messages import Messages
from tests.chaos.ledger import Ledger, Place

PAUSE_SECONDS = 0.02
SILENT_SECONDS = 20.0


class LedgerProducer:
    """One thread. Its client is idempotent: a message that it sends again by itself is in the topic once."""

    def __init__(self, kafka: Kafka, messages: Messages, ledger: Ledger) -> None:
        self._topic = kafka.topic
        self._messages = messages
        self._ledger = ledger
        self._stop = threading.Event()
        self._own = {"bootstrap.servers": kafka.bootstrap, "enable.idempotence": True, "log_level": 0}
        self._own |= for_librdkafka(kafka)
        self._client = Producer(self._own)
        self._heard_at = time.monotonic()

    def run(self) -> None:
        """Produce until `stop`, then wait for what is under way; what is given up stays unknown."""
        while not self._stop.wait(PAUSE_SECONDS):
            message = self._messages.next()
            self._ledger.attempt(message.name, message.events, identified=message.identified)
            self._client.produce(
                self._topic,
                message.value,
                message.key,
                on_delivery=lambda *told, name=message.name: self._told(name, *told),
            )
            self._client.poll(0)
            self._renew_when_silent()
        self._client.flush(SILENT_SECONDS)

    def stop(self) -> None:
        """No message begins after this."""
        self._stop.set()

    def _renew_when_silent(self) -> None:
        """A client that does not find back to a restarted broker is replaced: the run is about the compactor."""
        if not len(self._client):
            self._heard_at = time.monotonic()
        elif time.monotonic() - self._heard_at > SILENT_SECONDS:
            self._client.purge()
            self._client.flush(1)
            self._client = Producer(self._own)
            self._heard_at = time.monotonic()

    def _told(self, name: str, error: KafkaError | None, message: Message) -> None:
        if error is None:
            partition, offset = message.partition(), message.offset()
            assert partition is not None
            assert offset is not None
            self._heard_at = time.monotonic()
            self._ledger.acknowledge(name, Place(partition, offset))
