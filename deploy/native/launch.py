"""Becomes one program of a native stack; the supervisor runs `python -m deploy.native.launch <state> <part>`."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

from deploy.native import orphans

# A program that ends at once is started again once a second, for as long as it takes.
RESTART_SECONDS = 1.0
STEP_SECONDS = 1.0


def main() -> None:
    """Ends what an earlier life of this part left, does the steps before it, then runs the program in this process."""
    state, part = Path(sys.argv[1]), sys.argv[2]
    text = (state / "run" / f"{part}.json").read_text()
    plan = json.loads(text)
    os.environ.clear()
    os.environ.update(plan["environment"])
    _pause(state / "run" / f"{part}.started")
    mine = _lineage()
    orphans.end([left for left in orphans.by_part(state).get(part, []) if left.pid not in mine], seconds=5)
    _note(state / "run" / f"{part}.launched.json", text)
    for step in plan["before"]:
        _do(step["command"], step["made"])
    os.execvp(plan["command"][0], plan["command"])  # noqa: S606 the supervisor watches this pid


def _lineage() -> set[int]:
    """This process and those it came from."""
    return {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}


def _note(file: Path, text: str) -> None:
    """Keeps what was launched, secrets included, so that the next start can tell whether it is still what it wants."""
    file.touch(0o600)
    file.write_text(text)


def _pause(stamp: Path) -> None:
    """Waits when the last start was less than a moment ago."""
    if stamp.exists():
        since = time.time() - stamp.stat().st_mtime
        time.sleep(min(RESTART_SECONDS, max(0.0, RESTART_SECONDS - since)))
    stamp.touch()


def _do(command: list[str], made: str | None) -> None:
    """Runs a step until it succeeds, printing each new reason why it does not."""
    said = ""
    while not (made and Path(made).exists()):
        ran = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if ran.returncode == 0:
            return
        if ran.stdout != said:
            said = ran.stdout
            print(f"waiting: {Path(command[0]).name} ended with {ran.returncode}: {said.strip()}", flush=True)
        time.sleep(STEP_SECONDS)


if __name__ == "__main__":
    main()
