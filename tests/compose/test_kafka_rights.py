"""Kafka in its container lets in who has a password, and lets each user do what the table says."""

import msgspec
import pytest

from deploy.kafka_rights import ADMIN, USERS
from eyeshot.settings import Kafka
from services.compactor.settings import Compactor
from tests.compose.stack import SERVICES, Stack
from tests.kafka_attempts import NO_GROUP, NO_TOPIC, NOT_LET_IN, Attempts

NOBODY_SECONDS = 10.0


@pytest.mark.parametrize("user", ["collector", "producer"])
def test_who_sends_events_writes_the_topic_and_does_nothing_else(stack: Stack, user: str) -> None:
    its = Attempts(stack.kafka(user))
    assert its.write("events") is None
    assert its.read("events") == NO_TOPIC
    assert its.join(Compactor().group, "events") == NO_GROUP
    assert its.delete("events") == NO_TOPIC
    assert its.configure("events") == NO_TOPIC


def test_the_compactor_reads_the_topic_and_does_not_write_it(stack: Stack) -> None:
    its = Attempts(stack.kafka("compactor"))
    assert its.read("events") is None
    assert its.write("events") == NO_TOPIC


def test_who_is_no_user_gets_nothing(stack: Stack) -> None:
    nobody = Attempts(Kafka(bootstrap=stack.kafka(ADMIN).bootstrap))
    assert nobody.look(NOBODY_SECONDS) is not None


@pytest.mark.parametrize("user", [ADMIN, "collector"])
def test_a_wrong_password_is_refused(stack: Stack, user: str) -> None:
    right = stack.kafka(user)
    assert Attempts(right).look() is None
    assert Attempts(msgspec.structs.replace(right, password=right.password[::-1])).look(NOBODY_SECONDS) == NOT_LET_IN


@pytest.mark.parametrize("service", [*SERVICES, "prepare"])
def test_no_password_is_in_a_log(stack: Stack, service: str) -> None:
    said = stack.logs(service)
    assert not [user for user in USERS if stack.kafka(user).password in said]
