"""Run a program to its end, watching it: what it printed goes to a file, and to the error when it fails."""

import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from deploy.native import tools

LOOK_SECONDS = 0.3
LINES_SHOWN = 25


class CommandFailed(Exception):
    """A program ended with an error; the text holds the command and the end of what it said."""


def run(
    command: list[str],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    watch: Callable[[IO[bytes]], None] | None = None,
) -> str:
    """Returns what the program printed; `watch` is called with that output, open for reading, while it runs.

    Without `environment` it gets the caller's. Raises CommandFailed when the program ends with an error.
    """
    program = tools.find(command[0]) or command[0]
    with tempfile.TemporaryFile() as output:
        with subprocess.Popen(
            [program, *command[1:]],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process:
            while not _ended(process):
                if watch is not None:
                    watch(output)
        said = _all(output)
    if process.returncode:
        end = "\n".join(said.splitlines()[-LINES_SHOWN:])
        raise CommandFailed(f"`{' '.join(command[:5])} …` ended with {process.returncode}:\n{end}")
    return said


def lines_so_far(output: IO[bytes]) -> int:
    """How many lines are in an output that is still being written."""
    size = os.fstat(output.fileno()).st_size
    return os.pread(output.fileno(), size, 0).count(b"\n")


def _ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(LOOK_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True


def _all(output: IO[bytes]) -> str:
    output.seek(0)
    return output.read().decode(errors="replace")
