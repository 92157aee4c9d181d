"""The stack in Docker: `docker compose` on deploy/compose.yaml, as the commands see it."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil

from deploy.engine import Status
from deploy.paths import ROOT, VAR
from deploy.stack import Stack

# MinIO's container goes by its own name.
_CONTAINERS = {"s3": "minio"}
# What `docker compose up` prints while the parts are probed.
SAID = VAR / "compose" / "up.log"
SETTLE_SECONDS = 120.0
_PARTS = {container: part for part, container in _CONTAINERS.items()}


class ComposeFailed(Exception):
    """`docker compose` ended with an error; the text is what it said."""


class Compose:
    """Containers of one Compose project."""

    def __init__(self, environment_file: Path, ports: dict[str, int]) -> None:
        self._command = ["docker", "compose", "--env-file", str(environment_file)]
        self._command += ["--file", str(ROOT / "deploy" / "compose.yaml")]
        self._environment = os.environ | {name: str(port) for name, port in ports.items()}
        self._starting: subprocess.Popen[bytes] | None = None

    def running(self) -> bool:
        """Whether a container of the project runs."""
        return any(container["State"] == "running" for container in self._containers())

    def pids(self) -> set[int]:
        """The engine listens on the ports for the containers, which cannot be told from a stranger's by its pid."""
        return set()

    def start(self, stack: Stack) -> list[str]:
        """Builds what is not built, then has Compose start everything, each container when what it needs is healthy."""
        services = [] if stack.demo else ["collector", "compactor", "keeper", "partitioner", "rollup", "trino"]
        self._show("build", *([] if sys.stdout.isatty() else ["--quiet"]), *services)
        command = [*self._command, "up", "--detach", "--no-build", "--wait", *services]
        with SAID.open("wb") as said:
            self._starting = subprocess.Popen(command, env=self._environment, stdout=said, stderr=subprocess.STDOUT)
        return []

    def finish_start(self) -> None:
        """Lets Compose come to its end too; raises ComposeFailed when it gave up."""
        if self._starting:
            self._starting.wait(SETTLE_SECONDS)
            self.pid("")

    def start_services(self) -> None:
        """Nothing: Compose started them after `prepare`."""

    def stop(self) -> str:
        """Removes the containers and keeps the volumes."""
        self._show("down", "--remove-orphans")
        return "stopped and removed every container; the data stays in the volumes"

    def erase(self) -> None:
        """Removes the volumes too."""
        self._show("down", "--volumes", "--remove-orphans")

    def statuses(self) -> list[Status]:
        """Every container."""
        return list(self._statuses())

    def _statuses(self) -> Iterator[Status]:
        containers = self._containers()
        if not containers:
            return
        inspect = ["docker", "inspect", *(container["ID"] for container in containers)]
        inspected = json.loads(subprocess.run(inspect, check=True, capture_output=True, text=True).stdout)
        for container, state in zip(containers, (each["State"] for each in inspected), strict=True):
            started = datetime.fromisoformat(state["StartedAt"][:19]).replace(tzinfo=UTC)
            seconds = int((datetime.now(UTC) - started).total_seconds()) if state["Running"] else 0
            name = container["Service"]
            yield Status(_PARTS.get(name, name), state["Status"], state["Pid"] or None, seconds, _memory(state["Pid"]))

    def pid(self, part: str) -> int | None:
        """Not told: the engine restarts containers by its own rules. Raises ComposeFailed once it gave up starting."""
        if self._starting and self._starting.poll():
            end = SAID.read_text(errors="replace").strip().splitlines()[-8:]
            raise ComposeFailed("`docker compose up` gave up:\n" + "\n".join(end))
        return None

    def last_lines(self, part: str, lines: int) -> list[str]:
        """The end of the container's log."""
        return self._ask("logs", "--no-log-prefix", "--tail", str(lines), _CONTAINERS.get(part, part)).splitlines()

    def log_command(self, part: str, *, follow: bool) -> list[str]:
        """The command that shows the container's log."""
        options = ["--follow"] if follow else []
        return [*self._command, "logs", "--no-log-prefix", "--tail", "200", *options, _CONTAINERS.get(part, part)]

    def _containers(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self._ask("ps", "--all", "--format", "json").splitlines()]

    def _ask(self, *arguments: str) -> str:
        command = [*self._command, *arguments]
        ran = subprocess.run(command, check=False, capture_output=True, text=True, env=self._environment)
        if ran.returncode:
            raise ComposeFailed(ran.stderr.strip())
        return ran.stdout

    def _show(self, *arguments: str) -> None:
        ran = subprocess.run([*self._command, *arguments], check=False, env=self._environment)
        if ran.returncode:
            raise ComposeFailed(f"`docker compose {arguments[0]}` ended with {ran.returncode}")


def _memory(pid: int) -> int:
    """Bytes of a container's processes, where this machine is the engine's (PSS)."""
    total = 0
    with contextlib.suppress(psutil.Error):
        first = psutil.Process(pid)
        for process in [first, *first.children(recursive=True)] if pid else []:
            total += process.memory_full_info().pss
    return total
