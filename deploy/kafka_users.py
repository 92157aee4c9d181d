"""Passwords in; users of Kafka that may do just what the table of rights says out."""

from collections.abc import Mapping
from concurrent.futures import Future

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from deploy import topic
from deploy.kafka_rights import Entry, entries
from eyeshot.settings import Kafka

# The least that Kafka allows: a random password of 190 bits needs no slow hash.
ITERATIONS = 4096
_ANSWER_SECONDS = 10


def ensure(admin: Kafka, passwords: Mapping[str, str], group: str) -> None:
    """Gives every user its password and its rights, and takes away what other rights it had."""
    client = topic.connect(admin)
    _set_passwords(client, passwords)
    wanted = {_binding(entry) for entry in entries(admin.topic, group) if entry.user in passwords}
    _set_rights(client, passwords, wanted)


def _set_passwords(client: AdminClient, passwords: Mapping[str, str]) -> None:
    """Again at every start: Kafka keeps a salted hash, so nobody can tell whether it is still the same password."""
    mechanism = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
    changes = [UserScramCredentialUpsertion(user, mechanism, word.encode()) for user, word in passwords.items()]
    for done in client.alter_user_scram_credentials(changes, request_timeout=_ANSWER_SECONDS).values():
        done.result(_ANSWER_SECONDS)


def _set_rights(client: AdminClient, users: Mapping[str, str], wanted: set[AclBinding]) -> None:
    there = {entry for user in users for entry in _entries_of(client, user)}
    if missing := list(wanted - there):
        _wait(client.create_acls(missing, request_timeout=_ANSWER_SECONDS))
    if others := [_filter(entry) for entry in there - wanted]:
        _wait(client.delete_acls(others, request_timeout=_ANSWER_SECONDS))


def _entries_of(client: AdminClient, user: str) -> list[AclBinding]:
    everything = AclBindingFilter(
        ResourceType.ANY,
        None,
        ResourcePatternType.ANY,
        f"User:{user}",
        None,
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
    found: list[AclBinding] = client.describe_acls(everything, request_timeout=_ANSWER_SECONDS).result(_ANSWER_SECONDS)
    return found


def _binding(entry: Entry) -> AclBinding:
    return AclBinding(
        ResourceType[entry.resource],
        entry.name,
        ResourcePatternType.LITERAL,
        f"User:{entry.user}",
        "*",
        AclOperation[entry.operation],
        AclPermissionType.ALLOW,
    )


def _filter(entry: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        entry.restype,
        entry.name,
        entry.resource_pattern_type,
        entry.principal,
        entry.host,
        entry.operation,
        entry.permission_type,
    )


def _wait(answers: Mapping[object, Future[object]]) -> None:
    for answer in answers.values():
        answer.result(_ANSWER_SECONDS)
