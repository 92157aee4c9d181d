"""Progress of long steps: bars on a terminal, plain lines anywhere else."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich import progress as bars
from rich.console import Console

LINE_EVERY_SECONDS = 15.0


class Progress(Protocol):
    """Shows steps that may run at once."""

    @contextmanager
    def step(self, title: str, total: int | None) -> Iterator[Callable[[int], None]]:
        """Shows one step while it lasts; the callable takes how far it is, of `total`."""
        ...


@contextmanager
def shown(console: Console) -> Iterator[Progress]:
    """The form of progress that suits where the output goes."""
    if not console.is_terminal:
        yield _Lines(console)
        return
    columns = (
        bars.TextColumn("  {task.description:42}"),
        bars.BarColumn(30),
        bars.TaskProgressColumn(),
        bars.TimeElapsedColumn(),
    )
    with bars.Progress(*columns, console=console) as live:
        yield _Bars(live)


class _Bars:
    def __init__(self, live: bars.Progress) -> None:
        self._live = live

    @contextmanager
    def step(self, title: str, total: int | None) -> Iterator[Callable[[int], None]]:
        task = self._live.add_task(title, total=total)
        # A total is an estimate: the bar is full only when the step is over.
        yield lambda done: self._live.update(task, completed=min(done, (total or 0) * 0.99))
        self._live.update(task, total=total or 1, completed=total or 1)
        self._live.stop_task(task)


class _Lines:
    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def step(self, title: str, total: int | None) -> Iterator[Callable[[int], None]]:
        started = said = time.monotonic()
        self._say(f"{title} …")

        def report(done: int) -> None:
            nonlocal said
            if total and time.monotonic() - said > LINE_EVERY_SECONDS:
                said = time.monotonic()
                self._say(f"{title}: {min(99, 100 * done // total)} %")

        yield report
        self._say(f"{title}: {time.monotonic() - started:.0f} s")

    def _say(self, line: str) -> None:
        self._console.print(f"  {line}", highlight=False, soft_wrap=True)
