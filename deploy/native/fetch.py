"""Fills the cache with what is missing, showing progress; two at once wait for each other."""

import fcntl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from deploy.native import artefacts
from deploy.native.artefacts import Artefact
from deploy.native.builders import BUILDERS
from deploy.native.progress import Progress, shown


def fetch(cache: Path, console: Console) -> float | None:
    """Fetches and builds everything missing; returns the seconds it took, or None when all was there.

    Raises CommandFailed or WrongFiles from the part that failed.
    """
    if artefacts.all_there(cache):
        return None
    started = time.monotonic()
    with _alone(cache / "native", console), shown(console) as progress:
        first = [artefact for artefact in artefacts.missing(cache) if artefact != artefacts.FILE_SYSTEM]
        _build_at_once(first, cache, progress)
        _build_at_once(artefacts.missing(cache), cache, progress)  # it is compiled against the jars
    return time.monotonic() - started


def _build_at_once(wanted: list[Artefact], cache: Path, progress: Progress) -> None:
    if not wanted:
        return
    with ThreadPoolExecutor(len(wanted)) as pool:
        for done in as_completed([pool.submit(_build, artefact, cache, progress) for artefact in wanted]):
            done.result()


def _build(artefact: Artefact, cache: Path, progress: Progress) -> None:
    """The folder appears under its final name only when it is complete."""
    title, builder, total = BUILDERS[artefact]
    complete = artefact.folder(cache)
    partial = complete.with_name(f"{complete.name}.partial")
    partial.mkdir(parents=True, exist_ok=True)
    with progress.step(title, total) as report:
        builder(partial, report)
        partial.rename(complete)


@contextmanager
def _alone(folder: Path, console: Console) -> Iterator[None]:
    """Holds the cache's lock, saying so when another start has it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            console.print("waiting for another start that is filling the same cache")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
