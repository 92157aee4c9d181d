"""S3, Kafka, PostgreSQL, metastore and Trino of the native stack on free ports, in a folder that is gone afterwards."""

import dataclasses
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console

from bench import program
from deploy import ports, probe, s3_users, secrets, topic
from deploy.kafka_rights import ADMIN
from deploy.native import jvm, programs
from deploy.native.fetch import fetch
from deploy.native.postgres import postgres
from deploy.native.program import Folders, Program
from deploy.paths import cache
from deploy.patience import until
from deploy.rights import RIGHTS
from deploy.service_environments import environments
from deploy.stack import CATALOG, Stack
from eyeshot.settings import S3

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

START_SECONDS = 180.0
# The stack's catalog once more, for what analysts may not do there, other tables and syncing partitions, and with
# Trino's own default of how far apart columns may be that are read together.
WRITABLE = "bench"
CHANGED = {
    "hive.security=read-only": "hive.security=allow-all",
    "hive.query-partition-filter-required=true": "hive.query-partition-filter-required=false",
    "parquet.max-merge-distance=64kB": "parquet.max-merge-distance=1MB",
}
QUICK_COMPILER = "-XX:TieredStopAtLevel=1"  # for a stack that shall start soon; a benchmark runs longer than a start


class Place(NamedTuple):
    """Where the benchmark runs. A lake is a bucket, and a database of the same name."""

    stack: Stack
    folders: Folders

    def client(self) -> "S3Client":
        """The S3 server, as its owner."""
        return s3_users.client(self.stack.s3_endpoint, self.stack.keys("root"))

    def lake(self, name: str) -> S3:
        """A new bucket, and those of its colder tiers."""
        keys = self.stack.keys("root")
        s3_users.ensure_buckets(self.stack.s3_endpoint, keys, name)
        return S3(endpoint=self.stack.s3_endpoint, access_key=keys[0], secret_key=keys[1], bucket=name)

    def objects(self, bucket: str) -> Path:
        """Where the S3 server keeps the bucket: its objects are files under their keys."""
        return self.folders.data("s3") / "objects" / bucket

    def service(self, name: str, bucket: str, **settings: str) -> AbstractContextManager[int]:
        """One of our services on that lake, running."""
        kafka = self.stack.kafka(ADMIN)
        own = {
            "S3_BUCKET": bucket,
            "METASTORE_DATABASE": bucket,
            "KAFKA_USER": kafka.user,
            "KAFKA_PASSWORD": kafka.password,
            "KAFKA_SASL_MECHANISM": kafka.sasl_mechanism,
            f"{name.upper()}_PORT": str(ports.free()[f"{name.upper()}_PORT"]),
            "PYTHONUNBUFFERED": "1",
        }
        environment = environments(self.stack)[name] | own | settings
        return program.running(Program(name, [sys.executable, "-m", f"services.{name}"], environment), self.folders)


@contextmanager
def running() -> Iterator[Place]:
    """All parts, answering; stopped and erased at the end."""
    fetch(cache(), Console(stderr=True))
    with tempfile.TemporaryDirectory(prefix="eyeshot-bench-") as state, ExitStack() as until_stopped:
        folders = Folders(Path(state))
        folders.make()
        stack = _stack(folders)
        for make, ready in (
            (programs.s3, probe.s3),
            (jvm.kafka, probe.kafka),
            (postgres, probe.postgres),
            (jvm.metastore, probe.metastore),
            (_trino, probe.trino),
        ):
            part = make(stack, folders)
            until_stopped.enter_context(program.running(part, folders))
            if part.part in ("postgres", "s3"):  # the metastore's first step needs PostgreSQL
                _wait(part, stack, ready)
        _wait_all(stack)
        topic.ensure(stack.kafka(ADMIN))
        yield Place(stack, folders)


def _stack(folders: Folders) -> Stack:
    """Everybody has the owner's keys: rights are the tests' business."""
    file = folders.state / ".env"
    variables = secrets.ensure(file)
    for user in (right.user.upper() for right in RIGHTS):
        variables |= {f"S3_{user}_{kind}": variables[f"S3_ROOT_{kind}"] for kind in ("ACCESS_KEY", "SECRET_KEY")}
    return Stack("native", folders.state, file, ports.free(), variables, demo=False)


def _trino(stack: Stack, folders: Folders) -> Program:
    """With both compilers, and with the second catalog."""
    deployed = jvm.DEPLOY / "trino" / "catalog"
    catalogs = folders.run / "catalog"
    shutil.copytree(deployed, catalogs, dirs_exist_ok=True)
    text = (catalogs / f"{CATALOG}.properties").read_text()
    for said, instead in CHANGED.items():
        assert said in text, f"{said} is not in the stack's catalog"
        text = text.replace(said, instead)
    (catalogs / f"{WRITABLE}.properties").write_text(text)
    made = jvm.trino(stack, folders)
    command = [word.replace(str(deployed), str(catalogs)) for word in made.command if word != QUICK_COMPILER]
    return dataclasses.replace(made, command=command)


def _wait(part: Program, stack: Stack, ready: probe.Probe) -> None:
    until(part.part, lambda: ready(stack), START_SECONDS, probe.NotReady)


def _wait_all(stack: Stack) -> None:
    for name, ready in (("Kafka", probe.kafka), ("the metastore", probe.metastore), ("Trino", probe.trino)):
        until(name, lambda ready=ready: ready(stack), START_SECONDS, probe.NotReady)  # type: ignore[misc]
