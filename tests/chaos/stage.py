"""Kafka, S3 and SQL on ports and in a folder of their own: programs of the native stack under the test's control."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console

from deploy import ports, probe, secrets
from deploy.native import jvm, orphans, programs
from deploy.native.fetch import fetch
from deploy.native.postgres import postgres
from deploy.native.program import Folders, Program
from deploy.paths import cache
from deploy.prepare import prepare, settings
from deploy.stack import Stack
from tests.chaos.process import Process

# A member of a group is missed after a second or two instead of six, so that a short pause outlasts its session; and a
# broker that was killed is let in again as soon, instead of nine seconds later.
KAFKA_LINES = "group.min.session.timeout.ms=500\nbroker.session.timeout.ms=2000\nbroker.heartbeat.interval.ms=500\n"


class Stage:
    """The parts that our services stand on. Whoever holds it may kill, pause and start each one."""

    def __init__(self, state: Path, *, sql: bool = False, kafka: bool = True) -> None:
        self.stack = Stack("native", state, state / ".env", ports.free(), secrets.ensure(state / ".env"), demo=False)
        self.folders = Folders(state)
        self.folders.make()
        self.s3 = self.process(programs.s3(self.stack, self.folders), probe.s3)
        self.kafka = self.process(_kafka(self.stack, self.folders), probe.kafka)
        self._parts = [self.s3, *([self.kafka] if kafka else [])]
        self._sql = [self.process(each, ready) for each, ready in _sql(self.stack, self.folders)] if sql else []

    def process(self, program: Program, ready: Callable[[Stack], None] = lambda stack: None) -> Process:
        """A program of this stage; it is marked, so that `close` finds it whatever happens."""
        return Process(program, self.folders, lambda: ready(self.stack))

    def start(self) -> None:
        """Start everything and wait until it does its work."""
        parts = [*self._parts, *self._sql]
        for part in parts:
            part.start()
            if part.name == "postgres":
                part.wait_ready()  # the metastore's first step makes its tables there
        for part in parts:
            part.wait_ready()

    @property
    def metastore(self) -> Process:
        """The metastore, where there is SQL."""
        return next(part for part in self._sql if part.name == "metastore")

    def prepare(self, topic: str, bucket: str) -> None:
        """Make a topic, a bucket, and the users with their rights: those of an earlier topic end."""
        own = {
            "KAFKA_BOOTSTRAP": self.stack.kafka_bootstrap,
            "KAFKA_TOPIC": topic,
            "S3_ENDPOINT": self.stack.s3_endpoint,
            "S3_BUCKET": bucket,
        }
        for _ in prepare(settings(dict(self.stack.variables) | own)):
            pass

    def close(self) -> None:
        """End every process of this stage, those of lost hands too."""
        for part in (self.s3, self.kafka, *self._sql):
            part.kill()
        orphans.end(orphans.of(self.folders.state), seconds=0)


@contextlib.contextmanager
def staged(state: Path, *, sql: bool = False, kafka: bool = True) -> Iterator[Stage]:
    """A stage that is up, from an empty folder. It is stopped at the end; its folder stays for who wants to look."""
    fetch(cache(), Console(stderr=True))
    orphans.end(orphans.of(state), seconds=0)  # of a run that was itself killed
    shutil.rmtree(state, ignore_errors=True)
    state.mkdir(parents=True)
    stage = Stage(state, sql=sql, kafka=kafka)
    try:
        stage.start()
        yield stage
    finally:
        stage.close()


def _kafka(stack: Stack, folders: Folders) -> Program:
    program = jvm.kafka(stack, folders)
    with (folders.run / "kafka.properties").open("a") as properties:
        properties.write(KAFKA_LINES)
    return program


def _sql(stack: Stack, folders: Folders) -> list[tuple[Program, Callable[[Stack], None]]]:
    return [
        (postgres(stack, folders), probe.postgres),
        (jvm.metastore(stack, folders), probe.metastore),
        (jvm.trino(stack, folders), probe.trino),
    ]
