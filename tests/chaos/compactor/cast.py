"""The programs of one run: compactors behind the proxy, a partitioner beside it, and the audit afterwards."""

import dataclasses
import os
import subprocess
import sys
from typing import Literal

import msgspec

from deploy import ports
from deploy.kafka_rights import ADMIN
from deploy.native.program import Program
from deploy.paths import ROOT
from deploy.service_environments import environments
from eyeshot.settings import Kafka, variable
from tests.chaos.process import Process
from tests.chaos.stage import Stage

Subject = Literal["real", "naive"]
MODULES: dict[Subject, str] = {"real": "services.compactor", "naive": "tests.chaos.compactor.naive"}
ANSWER_SECONDS = 1.0
# Everything is short, so that much happens in a run.
SETTINGS = {
    "COMPACTOR_FLUSH_SECONDS": "0.4",
    "COMPACTOR_ANSWER_SECONDS": str(ANSWER_SECONDS),
    "COMPACTOR_RETRY_SECONDS_MAX": "0.3",
    "COMPACTOR_SESSION_SECONDS": "2",
}


class Cast:
    """One run's programs, over a topic and a bucket of its own."""

    def __init__(self, stage: Stage, name: str, subject: Subject) -> None:
        self._stage = stage
        self._name = name
        self._subject = subject
        self._ports = iter(ports.free().values())
        self.topic = f"events-{name}"
        self.bucket = f"lake-{name}"
        self.schema = f"chaos_{name.replace('-', '_')}"
        own = {"KAFKA_TOPIC": self.topic, "S3_BUCKET": self.bucket, "METASTORE_DATABASE": self.schema}
        self._stack = dataclasses.replace(stage.stack, variables={**stage.stack.variables, **own, **SETTINGS})

    def compactor(self, who: str, store_url: str, settings: dict[str, str]) -> Process:
        """A compactor that reaches the store by that URL."""
        own = {"S3_ENDPOINT": store_url, "COMPACTOR_PORT": str(next(self._ports)), "PYTHONUNBUFFERED": "1"}
        return self._process(who, MODULES[self._subject], environments(self._stack)["compactor"] | own | settings)

    def kafka(self, user: str) -> Kafka:
        """How a user reaches the run's topic."""
        return self._stack.kafka(user)

    def stranger(self) -> dict[str, str]:
        """Settings of a compactor in a group of its own, which no user but the administrator may join."""
        login = msgspec.structs.asdict(self.kafka(ADMIN))
        return {"COMPACTOR_GROUP": "intruder"} | {variable("kafka", field): value for field, value in login.items()}

    def partitioner(self) -> Process:
        """What makes SQL see the run's days."""
        own = {"PARTITIONER_PORT": str(next(self._ports)), "PYTHONUNBUFFERED": "1"}
        return self._process("partitioner", "services.partitioner", environments(self._stack)["partitioner"] | own)

    def audit(self) -> tuple[int, str]:
        """Exit status and text of `audit --deep`."""
        access, secret = self._stack.keys("auditor")
        own = {
            "S3_ENDPOINT": self._stack.s3_endpoint,
            "S3_BUCKET": self.bucket,
            "S3_ACCESS_KEY": access,
            "S3_SECRET_KEY": secret,
        }
        ran = subprocess.run(
            [sys.executable, "-m", "services.audit", "--deep"],
            check=False,
            cwd=ROOT,
            env=os.environ | own,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return ran.returncode, ran.stdout

    def _process(self, who: str, module: str, environment: dict[str, str]) -> Process:
        program = Program(f"{self._name}-{who}", [sys.executable, "-m", module], environment, stop_seconds=60)
        return self._stage.process(program)
