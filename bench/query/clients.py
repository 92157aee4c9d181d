"""Clients that ask the same without end, and know the answer: every one that is not right is counted."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, NamedTuple

from deploy.query import QueryFailed

EXAMPLES = 5


class Tally(NamedTuple):
    """Answers: right, wrong, and queries that failed; the first of those that were not right."""

    right: int
    wrong: int
    failed: int
    examples: tuple[str, ...]


class Late(Exception):
    """A client was not answered in time."""


class Clients(AbstractContextManager["Clients"]):
    """So many clients, each a thread with one query at a time, from the beginning to the end of the `with`."""

    def __init__(self, ask: Callable[[], list[Any]], right_answer: list[Any], number: int) -> None:
        """`ask` may raise QueryFailed."""
        self._ask_once = ask
        self._right_answer = right_answer
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._asked_at = [0.0] * number  # when each asked the last question that was answered
        self._right = 0
        self._wrong: list[str] = []
        self._failed: list[str] = []
        self._threads = [threading.Thread(target=self._ask_on, args=(each,), daemon=True) for each in range(number)]

    def __enter__(self) -> "Clients":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    @property
    def tally(self) -> Tally:
        """What was answered until now."""
        examples = (*self._wrong[:EXAMPLES], *self._failed[:EXAMPLES])
        return Tally(self._right, len(self._wrong), len(self._failed), examples)

    def wait_for_all(self, since: float, seconds: float) -> None:
        """Until each was answered a question that it asked after this monotonic time. Raises Late."""
        with self._changed:
            if not self._changed.wait_for(lambda: min(self._asked_at) > since, seconds):
                raise Late(f"the clients were not answered within {seconds:.0f} s: {self.tally}")

    def _ask_on(self, number: int) -> None:
        while not self._stop.is_set():
            asked_at = time.monotonic()
            wrong, failed = self._ask()
            with self._changed:
                self._asked_at[number] = asked_at
                self._right += not wrong and not failed
                self._wrong += wrong
                self._failed += failed
                self._changed.notify_all()

    def _ask(self) -> tuple[list[str], list[str]]:
        """The answer if it is wrong, the reason if there is none."""
        try:
            answer = self._ask_once()
        except QueryFailed as refused:
            return [], [str(refused)]
        return ([] if answer == self._right_answer else [str(answer)]), []
