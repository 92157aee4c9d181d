"""The real service as a process, and what it says of itself."""

import sys

import urllib3

from deploy.native.program import Program
from deploy.stack import HOST
from tests.chaos.process import Process
from tests.chaos.stage import Stage


class Partitioner(Process):
    """The real service."""

    def __init__(self, stage: Stage, who: str, environment: dict[str, str], port: int) -> None:
        command = [sys.executable, "-m", "services.partitioner"]
        super().__init__(Program(f"partitioner-{who}", command, environment, stop_seconds=60), stage.folders)
        self._url = f"http://{HOST}:{port}"

    def trouble(self) -> str | None:
        """Why it is not ready."""
        try:
            answer = urllib3.request("GET", f"{self._url}/health/ready", timeout=3, retries=False)
        except urllib3.exceptions.HTTPError as refused:
            return str(refused)
        return None if answer.status == 200 else answer.data.decode().strip()

    def counted(self, metric: str) -> float:
        """The sum of a counter over its labels."""
        page = urllib3.request("GET", f"{self._url}/metrics", timeout=3, retries=False).data.decode()
        lines = [line for line in page.splitlines() if line.startswith(f"eyeshot_partitioner_{metric}_total")]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)
