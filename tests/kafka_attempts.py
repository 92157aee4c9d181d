"""What a Kafka user tries to do; the name of Kafka's refusal, or None when it was allowed."""

import secrets
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourcePatternType,
    ResourceType,
)
from confluent_kafka.cimpl import NewTopic

from eyeshot.kafka_login import LoginWatch, for_librdkafka
from eyeshot.settings import Kafka

ANSWER_SECONDS = 60.0
RECORD = b'{"site":"rights","event_type":"rights_tried","timestamp":1764072000000}'
NOT_LET_IN = "_AUTHENTICATION"
NO_TOPIC, NO_GROUP, NO_CLUSTER = (f"{what}_AUTHORIZATION_FAILED" for what in ("TOPIC", "GROUP", "CLUSTER"))


class Attempts:
    """One user, or nobody, at one listener of Kafka."""

    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka
        self._watch = LoginWatch(kafka)
        self._settings: dict[str, Any] = {"bootstrap.servers": kafka.bootstrap, "log_level": 0}
        self._settings |= {"error_cb": self._watch} | for_librdkafka(kafka)

    def look(self, seconds: float = ANSWER_SECONDS) -> str | None:
        """Asks for the broker's metadata."""
        admin = AdminClient(self._settings)
        try:
            admin.list_topics(timeout=seconds)
        except KafkaException as refused:
            admin.poll(0)
            return NOT_LET_IN if self._watch.refused else str(refused.args[0].name())
        return None

    def write(self, topic: str) -> str | None:
        """Produces a record and waits for its acknowledgement."""
        answers: list[KafkaError | None] = []
        producer = Producer(self._settings | {"message.timeout.ms": round(ANSWER_SECONDS * 1000)})
        producer.produce(topic, RECORD, on_delivery=lambda error, _: answers.append(error))
        assert producer.flush(ANSWER_SECONDS + 10) == 0
        return answers[0].name() if answers[0] else None

    def read(self, topic: str) -> str | None:
        """Fetches partition 0 from its beginning, without a group; None too when it ends without a record."""
        of_no_group = (
            f"reader-{secrets.token_hex(4)}"  # librdkafka wants a name, and asks for it although it is not used
        )
        return self._consume(of_no_group, topic, lambda it: it.assign([TopicPartition(topic, 0, 0)]), NO_GROUP)

    def join(self, group: str, topic: str) -> str | None:
        """Joins a consumer group that shares the topic."""
        return self._consume(group, topic, lambda it: it.subscribe([topic]))

    def _consume(self, group: str, topic: str, begin: Callable[[Any], None], but_not: str | None = None) -> str | None:
        own = {"group.id": group, "enable.auto.commit": False, "enable.partition.eof": True}
        consumer = Consumer(self._settings | own | {"auto.offset.reset": "earliest"})
        try:
            if hidden := consumer.list_topics(topic, timeout=ANSWER_SECONDS).topics[topic].error:
                return str(hidden.name())  # a consumer would wait for the topic to appear
            begin(consumer)
            while True:
                message = consumer.poll(ANSWER_SECONDS)
                assert message is not None, "Kafka said nothing"
                error = message.error()
                if error is None or error.code() == KafkaError._PARTITION_EOF:
                    return None
                if error.name() != but_not:
                    return str(error.name())
        finally:
            consumer.close()

    def create(self, topic: str) -> str | None:
        """Creates a topic."""
        return self._ask(lambda admin: admin.create_topics([NewTopic(topic, 1, 1)]))

    def delete(self, topic: str) -> str | None:
        """Deletes a topic."""
        return self._ask(lambda admin: admin.delete_topics([topic]))

    def configure(self, topic: str) -> str | None:
        """Sets the topic's retention to a second."""
        entry = ConfigEntry("retention.ms", "1000", incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
        return self._ask(lambda admin: admin.incremental_alter_configs([resource]))

    def allow_itself(self, topic: str) -> str | None:
        """Gives itself a right to read."""
        return self._ask(lambda admin: admin.create_acls([everything(self._kafka.user, topic)]))

    def _ask(self, question: Callable[[AdminClient], dict[Any, Future[Any]]]) -> str | None:
        admin = AdminClient(self._settings)
        try:
            for answer in question(admin).values():
                answer.result(ANSWER_SECONDS)
        except KafkaException as refused:
            return str(refused.args[0].name())
        return None


def everything(user: str, topic: str) -> AclBinding:
    """The entry that lets a user do everything with a topic."""
    return AclBinding(
        ResourceType.TOPIC,
        topic,
        ResourcePatternType.LITERAL,
        f"User:{user}",
        "*",
        AclOperation.ALL,
        AclPermissionType.ALLOW,
    )
