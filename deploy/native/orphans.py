"""A stack's processes, found by the mark in their environment even without their supervisor; and their end."""

from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

MARK = "EYESHOT_STATE"
PART = "EYESHOT_PART"
SUPERVISOR = "supervisord"
TERM_SECONDS = 30.0
KILL_SECONDS = 10.0


def by_part(state: Path) -> dict[str, list[psutil.Process]]:
    """The stack's processes under the names of their parts."""
    found: dict[str, list[psutil.Process]] = {}
    for process in psutil.process_iter():
        part = _part(process, state)
        if part is not None:
            found.setdefault(part, []).append(process)
    return found


def of(state: Path) -> list[psutil.Process]:
    """All of the stack's processes."""
    return [process for processes in by_part(state).values() for process in processes]


def _part(process: psutil.Process, state: Path) -> str | None:
    """Which part of this stack the process is, if it is one."""
    try:
        environment = process.environ()
        if environment.get(MARK) == str(state):
            return environment.get(PART)
        # PostgreSQL's children write their title over their environment; they work in their cluster's folder.
        return "postgres" if Path(process.cwd()) == state / "postgres" / "cluster" else None
    except (psutil.Error, OSError):
        return None


def end(processes: Iterable[psutil.Process], seconds: float = TERM_SECONDS) -> None:
    """Asks them to end, waits, then makes them."""
    there = list(processes)
    _signal(there, psutil.Process.terminate)
    _, left = psutil.wait_procs(there, timeout=seconds)
    _signal(left, psutil.Process.kill)
    psutil.wait_procs(left, timeout=KILL_SECONDS)


def _signal(processes: list[psutil.Process], send: Callable[[psutil.Process], None]) -> None:
    for process in processes:
        try:
            send(process)
        except psutil.NoSuchProcess:
            continue
