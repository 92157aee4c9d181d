"""Kafka and the S3 server of the native stack, alone, on free ports, in a folder that is gone afterwards."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from bench import program
from deploy import ports, s3_users, secrets, topic
from deploy.kafka_rights import ADMIN
from deploy.native.fetch import fetch
from deploy.native.jvm import kafka
from deploy.native.program import Folders
from deploy.native.programs import s3
from deploy.paths import cache
from deploy.patience import until
from deploy.stack import Stack
from eyeshot.settings import Kafka

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

START_SECONDS = 180.0


class Place(NamedTuple):
    """Where the benchmark runs."""

    folder: Path
    kafka: Kafka
    endpoint: str
    keys: tuple[str, str]

    def client(self) -> "S3Client":
        """The S3 server, as its owner."""
        return s3_users.client(self.endpoint, self.keys)

    def make_bucket(self, name: str) -> str:
        """An empty bucket of that name."""
        s3_users.ensure_buckets(self.endpoint, self.keys, name)
        return name

    def environment(self, topic_name: str, bucket: str) -> dict[str, str]:
        """What a program needs to read the topic and write to the bucket."""
        access, secret = self.keys
        return {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "KAFKA_BOOTSTRAP": self.kafka.bootstrap,
            "KAFKA_USER": self.kafka.user,
            "KAFKA_PASSWORD": self.kafka.password,
            "KAFKA_SECURITY_PROTOCOL": self.kafka.security_protocol,
            "KAFKA_SASL_MECHANISM": self.kafka.sasl_mechanism,
            "KAFKA_TOPIC": topic_name,
            "S3_ENDPOINT": self.endpoint,
            "S3_ACCESS_KEY": access,
            "S3_SECRET_KEY": secret,
            "S3_BUCKET": bucket,
        }


@contextmanager
def running() -> Iterator[Place]:
    """Both parts, answering; stopped and erased at the end."""
    fetch(cache(), Console(stderr=True))
    with tempfile.TemporaryDirectory(prefix="eyeshot-bench-") as state, ExitStack() as until_stopped:
        folders = Folders(Path(state))
        folders.make()
        file = folders.state / ".env"
        stack = Stack("native", folders.state, file, ports.free(), secrets.ensure(file))
        for each in (s3(stack, folders), kafka(stack, folders)):
            until_stopped.enter_context(program.running(each, folders))
        place = Place(folders.state, stack.kafka(ADMIN), stack.s3_endpoint, stack.keys("root"))
        until("the S3 server", place.client().list_buckets, START_SECONDS, (BotoCoreError, ClientError))
        until("Kafka", lambda: topic.broker_ids(place.kafka), START_SECONDS, topic.NoBroker)
        yield place
