"""The native stack as the commands see it: started, changed, looked at, stopped and erased."""

import contextlib
import fcntl
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import psutil

from deploy.engine import Status
from deploy.native import orphans, supervisor
from deploy.native.program import Folders, Program
from deploy.native.programs import programs
from deploy.patience import GaveUp, until
from deploy.stack import Stack

STOP_SECONDS = 150.0


class LeftRunning(Exception):
    """Processes of the stack outlived their end; the text names them."""


class Native:
    """Processes of this machine under a supervisor."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._folders = Folders(state)

    def running(self) -> bool:
        """Whether the supervisor answers."""
        try:
            supervisor.processes(self._state)
        except supervisor.NotRunning:
            return False
        return True

    def pids(self) -> set[int]:
        """Every process of the stack."""
        return {process.pid for process in orphans.of(self._state)}

    def start(self, stack: Stack) -> list[str]:
        """Starts everything, or only what changed; returns a line for each thing out of the ordinary."""
        self._folders.make()
        with self._alone():
            wanted = programs(stack, self._folders)
            changed = [program.part for program in wanted if self._plan(program)]
            configuration = supervisor.configuration(self._folders, wanted)
            same_programs = not self._write(self._folders.run / "supervisord.conf", configuration)
            if same_programs and self.running():
                for part in changed:
                    supervisor.restart(self._state, part)
                return [f"{part} was started again: it has new settings or code" for part in changed]
            said = self._sweep()
            supervisor.start(self._folders)
            return said

    def _sweep(self) -> list[str]:
        """Stops what is left of an earlier life of this stack."""
        if self.running():
            self._stop_all()
            return []
        left = orphans.of(self._state)
        orphans.end(left)
        return [f"ended {len(left)} processes that had lost their supervisor"] if left else []

    def _plan(self, program: Program) -> bool:
        """Writes what the launcher reads; returns whether it is other than what was launched last."""
        plan = asdict(program)
        plan["environment"] = supervisor.base_environment(self._folders, program.part) | dict(program.environment)
        text = json.dumps(plan, indent=1)
        self._write(self._folders.run / f"{program.part}.json", text)
        launched = self._folders.run / f"{program.part}.launched.json"
        return not launched.exists() or launched.read_text() != text

    def _write(self, file: Path, text: str) -> bool:
        if file.exists() and file.read_text() == text:
            return False
        file.touch(0o600)
        file.write_text(text)
        return True

    def start_services(self) -> None:
        """Starts our own services, once what they stand on is prepared."""
        supervisor.start_all(self._state)

    def finish_start(self) -> None:
        """Nothing: the supervisor looks after everything."""

    def stop(self) -> str:
        """Stops everything, last started first; raises LeftRunning when a process is there all the same."""
        there = len(orphans.of(self._state))
        if there:
            with self._alone():
                self._stop_all()
        return f"stopped {there} processes; none of {self._state} is left running"

    def _stop_all(self) -> None:
        try:
            supervisor.shut_down(self._state)
            until("the end of the programs", self._must_be_gone, STOP_SECONDS, LeftRunning)
        except (supervisor.NotRunning, GaveUp):
            orphans.end(orphans.of(self._state))
        self._must_be_gone()

    def _must_be_gone(self) -> None:
        left = orphans.by_part(self._state)
        if left:
            raise LeftRunning(f"still running: {', '.join(left)}")

    def erase(self) -> None:
        """Removes all data of a stopped stack."""
        shutil.rmtree(self._state, ignore_errors=True)

    def statuses(self) -> list[Status]:
        """Every part as the supervisor sees it; empty when nothing runs."""
        try:
            there = supervisor.processes(self._state)
        except supervisor.NotRunning:
            return []
        parts = orphans.by_part(self._state)
        return [
            Status(each.part, each.state.lower(), each.pid or None, each.seconds, _memory(parts.get(each.part, [])))
            for each in there
        ]

    def pid(self, part: str) -> int | None:
        """The part's process now; None between two starts."""
        return next((each.pid for each in supervisor.processes(self._state) if each.part == part), None)

    def last_lines(self, part: str, lines: int) -> list[str]:
        """The end of the part's log."""
        log = self._log(part)
        return log.read_text(errors="replace").splitlines()[-lines:] if log.exists() else []

    def log_command(self, part: str, *, follow: bool) -> list[str]:
        """The command that shows the part's log."""
        return ["tail", "-n", "200", *(["-F"] if follow else []), str(self._log(part))]

    def _log(self, part: str) -> Path:
        return self._folders.logs / f"{part}.log"

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """One start or stop of a stack at a time."""
        with (self._state / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _memory(processes: list[psutil.Process]) -> int:
    """Bytes of the processes; memory they share is counted once (PSS)."""
    total = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            total += process.memory_full_info().pss
    return total
