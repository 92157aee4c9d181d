"""Who may do what in Kafka: a table in; the access control entries that say so out."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from eyeshot.settings import Kafka

# The broker's own user and the one that prepares it: Kafka asks it for no right.
ADMIN = "admin"
_PASSWORD = re.compile("[A-Za-z0-9]{16,256}")


@dataclass(frozen=True)
class KafkaRight:
    """What one user may do. READ and WRITE each imply DESCRIBE, and WRITE an idempotent producer (KIP-679)."""

    user: str
    on_topic: str
    on_group: str | None = None


KAFKA_RIGHTS = (
    KafkaRight("collector", on_topic="WRITE"),
    KafkaRight("compactor", on_topic="READ", on_group="READ"),
    # These two ask how far the topic reaches, and read no record.
    KafkaRight("keeper", on_topic="DESCRIBE"),
    KafkaRight("rollup", on_topic="DESCRIBE"),
    # Every backend that sends events of its own: examples/produce.py.
    KafkaRight("producer", on_topic="WRITE"),
)
USERS = (ADMIN, *(right.user for right in KAFKA_RIGHTS))


class Entry(NamedTuple):
    """One access control entry: the user may do this to the resource of exactly this name, from anywhere."""

    user: str
    resource: str
    name: str
    operation: str


def entries(topic: str, group: str) -> Iterator[Entry]:
    """Every entry that there has to be, for the events' topic and the compactor's consumer group."""
    for right in KAFKA_RIGHTS:
        yield Entry(right.user, "TOPIC", topic, right.on_topic)
        if right.on_group:
            yield Entry(right.user, "GROUP", group, right.on_group)


class BadPassword(Exception):
    """A password of .env cannot be used; the text names its variable."""


def password_variable(user: str) -> str:
    """The variable of .env that holds a user's password."""
    return f"KAFKA_{user.upper()}_PASSWORD"


def password(variables: Mapping[str, str], user: str) -> str:
    """A user's password; raises BadPassword for one that is missing, short, or not safe in Kafka's configuration."""
    name = password_variable(user)
    if not _PASSWORD.fullmatch(variables.get(name, "")):
        raise BadPassword(f"{name} must be 16 to 256 letters and digits; without its line in .env, make up makes one")
    return variables[name]


def login(variables: Mapping[str, str], user: str, *, bootstrap: str, topic: str) -> Kafka:
    """How a user connects to the stack's Kafka, which knows the admin from its start and the others by SCRAM."""
    return Kafka(
        bootstrap=bootstrap,
        topic=topic,
        user=user,
        password=password(variables, user),
        sasl_mechanism="PLAIN" if user == ADMIN else "SCRAM-SHA-512",
    )
