"""Waits until every part does its work: a line per part with the seconds it took, or the reason why it does not."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed

from rich.console import Console

from deploy.engine import Engine
from deploy.parts import Part
from deploy.probe import NotReady
from deploy.stack import Stack

WAIT_SECONDS = 180.0
POLL_SECONDS = 0.25
# A part that was started this often without once being ready will not become ready.
STARTS_MAX = 4
LOG_LINES = 12


class Unhealthy(Exception):
    """A part did not become ready; the text holds its last refusal and the end of its log."""


def wait(stack: Stack, engine: Engine, parts: list[Part], console: Console, started: float) -> None:
    """Returns once all parts are ready, saying how long after `started` each was.

    Raises Unhealthy for the first that will not be.
    """
    with ThreadPoolExecutor(len(parts)) as pool:
        stopped: list[bool] = []
        waits = {pool.submit(_wait, stack, engine, part, lambda: bool(stopped)): part for part in parts}
        try:
            for done in as_completed(waits):
                done.result()
                say(console, waits[done].name, started, waits[done].purpose)
        finally:
            stopped.append(True)


def say(console: Console, what: str, started: float, detail: str) -> None:
    """A line for one thing that is done."""
    seconds = time.monotonic() - started
    console.print(f"  [green]✓[/] {what:12} {seconds:5.1f} s   [dim]{detail}[/]", highlight=False, soft_wrap=True)


def _wait(stack: Stack, engine: Engine, part: Part, stopped: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    pids = set()
    while not stopped():
        try:
            part.probe(stack)
        except NotReady as refusal:
            pids.add(engine.pid(part.name))
            if len(pids) > STARTS_MAX:
                raise Unhealthy(_report(engine, part, f"keeps ending ({refusal})")) from refusal
            if time.monotonic() > deadline:
                late = f"is not ready after {WAIT_SECONDS:.0f} s: {refusal}"
                raise Unhealthy(_report(engine, part, late)) from refusal
            time.sleep(POLL_SECONDS)
        else:
            return


def _report(engine: Engine, part: Part, what: str) -> str:
    end = "\n".join(f"    {line}" for line in engine.last_lines(part.name, LOG_LINES))
    return f"{part.name} {what}. The end of its log (make logs S={part.name}):\n{end}"
