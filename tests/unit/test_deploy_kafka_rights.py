"""One table of rights gives Kafka's access control entries, and .env the passwords."""

import pytest

from deploy import kafka_rights, secrets
from deploy.kafka_rights import ADMIN, KAFKA_RIGHTS, BadPassword, Entry, entries, login

VARIABLES = {name: generate() for name, generate in secrets.GENERATORS.items()}


def test_the_rights_are_these_and_no_others() -> None:
    assert set(entries("events", "compactors")) == {
        Entry("collector", "TOPIC", "events", "WRITE"),
        Entry("compactor", "TOPIC", "events", "READ"),
        Entry("compactor", "GROUP", "compactors", "READ"),
        Entry("keeper", "TOPIC", "events", "DESCRIBE"),
        Entry("rollup", "TOPIC", "events", "DESCRIBE"),
        Entry("producer", "TOPIC", "events", "WRITE"),
    }


def test_every_user_logs_in_with_a_password_of_its_own_and_the_services_without_showing_it() -> None:
    logins = [login(VARIABLES, user, bootstrap="127.0.0.1:1", topic="events") for user in kafka_rights.USERS]

    assert len({each.password for each in logins}) == len(kafka_rights.USERS)
    assert {each.user: each.sasl_mechanism for each in logins} == {ADMIN: "PLAIN"} | {
        right.user: "SCRAM-SHA-512" for right in KAFKA_RIGHTS
    }


@pytest.mark.parametrize("word", ["", "a" * 15, "a" * 257, 'a"; user_admin="aaaaaaaa', "a b c d e f g h i", "a$b" * 8])
def test_a_password_that_cannot_be_used_is_refused_by_its_name_and_not_shown(word: str) -> None:
    with pytest.raises(BadPassword, match="KAFKA_COLLECTOR_PASSWORD must be") as refused:
        kafka_rights.password(VARIABLES | {"KAFKA_COLLECTOR_PASSWORD": word}, "collector")
    assert not word or word not in str(refused.value)


@pytest.mark.parametrize("word", ["a" * 16, "a" * 256])
def test_a_password_at_the_edge_is_taken(word: str) -> None:
    assert kafka_rights.password(VARIABLES | {"KAFKA_COLLECTOR_PASSWORD": word}, "collector") == word
