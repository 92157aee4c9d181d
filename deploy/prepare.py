"""Makes what the services need before they start: topic, bucket, database, users; again, it changes nothing."""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import psycopg
from botocore.exceptions import BotoCoreError, ClientError
from confluent_kafka import KafkaException

from deploy import database_users, kafka_users, lifecycle_rules, s3_users, topic
from deploy.kafka_rights import ADMIN, KAFKA_RIGHTS, BadPassword, login, password
from deploy.patience import GaveUp, until
from deploy.rights import RIGHTS
from eyeshot.settings import Kafka, SettingError
from services.compactor.settings import Compactor
from services.keeper.settings import Keeper

WAIT_SECONDS = 300.0
NO_ANSWER = (topic.NoBroker, KafkaException, TimeoutError)
USER_KINDS = {
    "versitygw": s3_users.ensure_versitygw,
    "minio": s3_users.ensure_minio,
    "none": None,
}


class BadSetting(Exception):
    """The environment lacks a variable or holds a value that cannot be; the text names both."""


@dataclass(frozen=True)
class Database:
    """Where PostgreSQL is, its superuser's password, and the rollup's to hand out."""

    host: str
    port: int
    superuser_password: str
    rollup_password: str


@dataclass(frozen=True)
class Settings:
    """Where Kafka, S3 and PostgreSQL (if anywhere) are, and the keys to hand out."""

    kafka: Kafka
    kafka_passwords: dict[str, str]
    compactor_group: str
    s3_endpoint: str
    bucket: str
    root: tuple[str, str]
    users: dict[str, tuple[str, str]]
    user_kind: str
    database: Database | None
    keeper: Keeper


def settings(environment: Mapping[str, str]) -> Settings:
    """Reads the variables; raises BadSetting naming the first that is wrong."""

    def need(name: str) -> str:
        if not environment.get(name):
            raise BadSetting(f"{name} is not set; `make up` sets it")
        return environment[name]

    def keys(user: str) -> tuple[str, str]:
        return need(f"S3_{user.upper()}_ACCESS_KEY"), need(f"S3_{user.upper()}_SECRET_KEY")

    def database() -> Database:
        host, _, port = need("POSTGRES_ADDRESS").rpartition(":")
        return Database(host, int(port), need("POSTGRES_PASSWORD"), need("ROLLUP_DB_PASSWORD"))

    kind = environment.get("S3_USERS", "versitygw")
    if kind not in USER_KINDS:
        raise BadSetting(f"S3_USERS is {kind!r}; it must be one of {', '.join(USER_KINDS)}")
    return Settings(
        kafka=login(
            environment,
            ADMIN,
            bootstrap=need("KAFKA_BOOTSTRAP"),
            topic=environment.get("KAFKA_TOPIC") or "events",
        ),
        kafka_passwords={right.user: password(environment, right.user) for right in KAFKA_RIGHTS},
        compactor_group=environment.get("COMPACTOR_GROUP") or Compactor().group,
        s3_endpoint=need("S3_ENDPOINT").rstrip("/"),
        bucket=environment.get("S3_BUCKET", "lake"),
        root=keys("root"),
        users={} if kind == "none" else {right.user: keys(right.user) for right in RIGHTS},
        user_kind=kind,
        database=database() if environment.get("POSTGRES_ADDRESS") else None,
        keeper=lifecycle_rules.settings(environment),
    )


def prepare(wanted: Settings) -> Iterator[str]:
    """Waits for Kafka and S3 and makes everything, giving a line for each thing that is there then.

    Raises GaveUp when one of them does not answer.
    """
    kafka = wanted.kafka
    until(f"Kafka at {kafka.bootstrap}", lambda: _make_in_kafka(wanted), WAIT_SECONDS, NO_ANSWER)
    yield f"topic {kafka.topic}: {topic.PARTITIONS} partitions, users {', '.join(wanted.kafka_passwords)}"

    if wanted.database:
        yield _make_database(wanted.database)

    s3 = s3_users.client(wanted.s3_endpoint, wanted.root)
    until(f"S3 at {wanted.s3_endpoint}", s3.list_buckets, WAIT_SECONDS, (BotoCoreError, ClientError))
    buckets = ", ".join(s3_users.ensure_buckets(wanted.s3_endpoint, wanted.root, wanted.bucket))
    ensure_users = USER_KINDS[wanted.user_kind]
    if ensure_users is None:
        yield f"buckets {buckets}: no users, this server knows root alone (S3_USERS=none)"
    else:
        ensure_users(wanted.s3_endpoint, wanted.root, wanted.users, wanted.bucket)
        yield f"buckets {buckets}: users {', '.join(wanted.users)}"
    yield lifecycle_rules.ensure(s3, wanted.bucket, wanted.keeper)


def _make_database(there: Database) -> str:
    until(
        f"PostgreSQL at {there.host}:{there.port}",
        lambda: database_users.ensure(there.host, there.port, there.superuser_password, there.rollup_password),
        WAIT_SECONDS,
        psycopg.Error,
    )
    return f"database {database_users.NAME}: user {database_users.USER}"


def _make_in_kafka(wanted: Settings) -> None:
    """All of it again when an answer is late: a broker that has just started is slow, and each step may be repeated."""
    kafka = wanted.kafka
    topic.broker_ids(kafka)
    topic.ensure(kafka)
    kafka_users.ensure(kafka, wanted.kafka_passwords, wanted.compactor_group)


def main() -> int:
    """Returns 0 when everything is there, 1 after saying what is wrong."""
    try:
        for line in prepare(settings(os.environ)):
            print(line, flush=True)
    except (BadPassword, BadSetting, GaveUp, SettingError, s3_users.Refused) as wrong:
        print(f"prepare: {wrong}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
