"""The topic `events`: created, or brought to the settings below, through Kafka's admin API."""

import logging

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.cimpl import NewTopic

from eyeshot.kafka_login import LoginWatch, for_librdkafka
from eyeshot.settings import Kafka

PARTITIONS = 6
SETTINGS = {
    # The broker's clock decides a record's day, never a browser's.
    "message.timestamp.type": "LogAppendTime",
    "compression.type": "zstd",
    "retention.ms": str(7 * 24 * 3600 * 1000),
    # 1 MiB of batch and its envelope.
    "max.message.bytes": str(1280 * 1024),
}
_ANSWER_SECONDS = 10


def connect(kafka: Kafka) -> AdminClient:
    """An admin client that keeps quiet about brokers it cannot reach: the caller says what it waits for."""
    return _connect(kafka, LoginWatch(kafka))


def _connect(kafka: Kafka, watch: LoginWatch) -> AdminClient:
    silent = logging.getLogger("deploy.topic.librdkafka")
    silent.addHandler(logging.NullHandler())
    silent.propagate = False
    own = {"bootstrap.servers": kafka.bootstrap, "socket.timeout.ms": 5000, "error_cb": watch}
    return AdminClient(own | for_librdkafka(kafka), logger=silent)


class NoBroker(Exception):
    """No broker answers; the text is the client's reason."""


def broker_ids(kafka: Kafka, seconds: float = 5) -> list[int]:
    """The brokers that answer; raises NoBroker when none does within `seconds`, or none lets the user in."""
    watch = LoginWatch(kafka)
    admin = _connect(kafka, watch)
    try:
        return sorted(admin.list_topics(timeout=seconds).brokers)
    except KafkaException as nobody:
        admin.poll(0)
        raise NoBroker(watch.refused or nobody.args[0].str()) from nobody


def ensure(kafka: Kafka) -> None:
    """Creates the topic or, when it is there, sets its configuration again."""
    admin, topic = connect(kafka), kafka.topic
    wanted = NewTopic(topic, num_partitions=PARTITIONS, replication_factor=1, config=SETTINGS)
    try:
        admin.create_topics([wanted], operation_timeout=_ANSWER_SECONDS)[topic].result(_ANSWER_SECONDS)
    except KafkaException as no:
        if no.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise
        _configure(admin, topic)


def _configure(admin: AdminClient, topic: str) -> None:
    entries = [
        ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET) for name, value in SETTINGS.items()
    ]
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)
    for answer in admin.incremental_alter_configs([resource]).values():
        answer.result(_ANSWER_SECONDS)
