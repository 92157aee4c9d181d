"""A process in; what it cost out: processor seconds of it and its children, seconds, the most memory it held."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

LOOK_SECONDS = 0.1
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


class Cost(NamedTuple):
    """What a process used; `peak_bytes` is its resident memory at most."""

    cpu_seconds: float
    seconds: float
    peak_bytes: int


class Ended(Exception):
    """The process ended before its work was done; the text is the end of its log."""


class Watched:
    """A process whose cost is known when it has ended."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self._log = log
        self._peak_bytes = 0
        self._begun = time.monotonic()
        with log.open("ab") as out:
            self._process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        self.pid = self._process.pid

    def until(self, done: Callable[[], bool]) -> None:
        """Look at it until its work is done. Raises Ended when it ends before."""
        while not done():
            if self._cost(os.WNOHANG):
                raise Ended("\n".join(self._log.read_text(errors="replace").splitlines()[-20:]))
            time.sleep(LOOK_SECONDS)

    def stop(self, number: int = signal.SIGTERM) -> Cost:
        """End it; what it cost, its clean end included."""
        os.kill(self.pid, number)
        return self.ended()

    def ended(self) -> Cost:
        """Wait for its end; what it cost."""
        while not (cost := self._cost(os.WNOHANG)):
            time.sleep(LOOK_SECONDS)
        return cost

    def _cost(self, options: int) -> Cost | None:
        self._peak_bytes = max(self._peak_bytes, _peak_bytes(self.pid))
        pid, status, usage = os.wait4(self.pid, options)
        if not pid:
            return None
        self._process.returncode = os.waitstatus_to_exitcode(status)
        return Cost(usage.ru_utime + usage.ru_stime, time.monotonic() - self._begun, self._peak_bytes)


def _peak_bytes(pid: int) -> int:
    try:
        found = _PEAK.search(Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0  # a process that has ended has none
