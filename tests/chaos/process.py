"""One program that is started, killed, paused and stopped by its pid; what it prints is kept in a log file."""

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from deploy.native import supervisor
from deploy.native.commands import run
from deploy.native.program import Folders, Program
from deploy.paths import ROOT
from deploy.patience import until
from deploy.probe import NotReady

READY_SECONDS = 180.0
KILL_SECONDS = 30.0


class StillRunning(Exception):
    """A program did not end when it was asked to; the text names it."""


class Process:
    """A program of a stack, at most one life at a time. Its lives share one log file."""

    def __init__(self, program: Program, folders: Folders, ready: Callable[[], None] = lambda: None) -> None:
        """`ready` raises NotReady until the program does its work."""
        self._program = program
        self._ready = ready
        self._environment = supervisor.base_environment(folders, program.part) | dict(program.environment)
        self._process: subprocess.Popen[bytes] | None = None
        self.log = folders.logs / f"{program.part}.log"
        self.lives = 0

    @property
    def name(self) -> str:
        """The part that it plays."""
        return self._program.part

    @property
    def pid(self) -> int | None:
        """Of the life that runs now; None between two lives."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def exit_status(self) -> int | None:
        """Of the last life, minus the signal's number when one ended it; None while it runs or before the first."""
        return self._process.poll() if self._process else None

    def start(self, **environment: str) -> None:
        """Do the steps before it, then begin a life, with more variables for this one life."""
        assert self.pid is None, f"{self.name} runs already"
        for step in self._program.before:
            if not (step.made and Path(step.made).exists()):
                run(step.command, environment=self._environment, folder=ROOT)
        self.lives += 1
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._program.command,
                cwd=ROOT,
                env=self._environment | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the one who asked; it ends what it started
            )

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Return once it does its work. Raises GaveUp."""
        until(self.name, self._ready, seconds, NotReady)

    def kill(self) -> bool:
        """End it without warning, paused or not; whether it was alive."""
        alive = self._send(signal.SIGKILL)
        self._wait(KILL_SECONDS)
        return alive

    def pause(self) -> bool:
        """Stop it in its tracks; whether it was alive."""
        return self._send(signal.SIGSTOP)

    def resume(self) -> bool:
        """Let a paused one go on; whether it was alive."""
        return self._send(signal.SIGCONT)

    def stop(self, seconds: float | None = None) -> int | None:
        """Ask it to end, and wait; its exit status. Raises StillRunning, after killing it."""
        self._send(signal.Signals[f"SIG{self._program.stop_signal}"])
        self._wait(self._program.stop_seconds if seconds is None else seconds)
        return self.exit_status

    def _send(self, number: signal.Signals) -> bool:
        if self._process is None or self._process.poll() is not None:
            return False
        self._process.send_signal(number)
        return True

    def _wait(self, seconds: float) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(KILL_SECONDS)
            raise StillRunning(f"{self.name} did not end within {seconds:.0f} s") from None
