"""The topic `events`: created, or brought to the settings below, through Kafka's admin API."""

import logging

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.cimpl import NewTopic

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


def connect(bootstrap: str) -> AdminClient:
    """An admin client that keeps quiet about brokers it cannot reach: the caller says what it waits for."""
    silent = logging.getLogger("deploy.topic.librdkafka")
    silent.addHandler(logging.NullHandler())
    silent.propagate = False
    return AdminClient({"bootstrap.servers": bootstrap, "socket.timeout.ms": 5000}, logger=silent)


class NoBroker(Exception):
    """No broker answers; the text is the client's reason."""


def broker_ids(bootstrap: str, seconds: float = 2) -> list[int]:
    """The brokers that answer; raises NoBroker when none does within `seconds`."""
    try:
        return sorted(connect(bootstrap).list_topics(timeout=seconds).brokers)
    except KafkaException as refused:
        raise NoBroker(refused.args[0].str()) from refused


def ensure(bootstrap: str, topic: str) -> None:
    """Creates the topic or, when it is there, sets its configuration again."""
    admin = connect(bootstrap)
    wanted = NewTopic(topic, num_partitions=PARTITIONS, replication_factor=1, config=SETTINGS)
    try:
        admin.create_topics([wanted], operation_timeout=_ANSWER_SECONDS)[topic].result(_ANSWER_SECONDS)
    except KafkaException as refused:
        if refused.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise
        _configure(admin, topic)


def _configure(admin: AdminClient, topic: str) -> None:
    entries = [
        ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET) for name, value in SETTINGS.items()
    ]
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)
    for answer in admin.incremental_alter_configs([resource]).values():
        answer.result(_ANSWER_SECONDS)
