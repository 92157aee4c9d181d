"""Kafka settings in; what each of the two client libraries has to be told to log in out."""

import ssl
from typing import Any

from eyeshot.settings import Kafka


def for_aiokafka(kafka: Kafka) -> dict[str, Any]:
    """Keyword arguments of AIOKafkaProducer and AIOKafkaConsumer; none without a user."""
    if not kafka.user:
        return {}
    return {
        "security_protocol": kafka.security_protocol,
        "sasl_mechanism": kafka.sasl_mechanism,
        "sasl_plain_username": kafka.user,
        "sasl_plain_password": kafka.password,
        "ssl_context": _tls(kafka),
    }


def for_librdkafka(kafka: Kafka) -> dict[str, str]:
    """Configuration of confluent_kafka's clients; none without a user."""
    if not kafka.user:
        return {}
    login = {
        "security.protocol": kafka.security_protocol,
        "sasl.mechanism": kafka.sasl_mechanism,
        "sasl.username": kafka.user,
        "sasl.password": kafka.password,
    }
    return login | ({"ssl.ca.location": kafka.ca_file} if kafka.ca_file else {})


def refused(kafka: Kafka) -> str:
    """What to say when Kafka does not let the user in."""
    if not kafka.user:
        return "Kafka refuses clients without a user: KAFKA_USER is not set"
    return f"Kafka refuses user {kafka.user}: it knows no such user, or KAFKA_PASSWORD is wrong"


class LoginWatch:
    """A confluent_kafka client's `error_cb`: what to say once Kafka has refused the login.

    The client itself tries for ever, and its calls end as if nobody had answered. Callbacks come while it is polled.
    """

    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka
        self.refused: str | None = None

    def __call__(self, error: Any) -> None:
        """Takes one error that the client had."""
        if error.name() == "_AUTHENTICATION":
            self.refused = refused(self._kafka)


def _tls(kafka: Kafka) -> ssl.SSLContext | None:
    if kafka.security_protocol != "SASL_SSL":
        return None
    return ssl.create_default_context(cafile=kafka.ca_file or None)
