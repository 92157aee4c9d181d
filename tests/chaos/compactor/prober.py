"""Looks at the lake again and again while everything breaks: no row twice, none that vanishes, none too many."""

import threading
from collections.abc import Callable, Iterable
from typing import NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from deploy.query import QueryFailed
from tests.chaos.compactor.lake import Lake
from tests.chaos.ledger import Ledger, Row, Verdict

PAUSE_SECONDS = 0.2
# The store is away, and nobody can look. A file that is there and cannot be read is none of these.
LOOKS_AWAY = (BotoCoreError, ClientError, QueryFailed)


class Counted(NamedTuple):
    """What a query counts: rows, and different coordinates."""

    rows: int
    distinct: int


def count(rows: Iterable[Row]) -> Counted:
    """Count as SQL does: count(*), count(distinct …)."""
    coordinates = [(row.place, row.position) for row in rows]
    return Counted(len(coordinates), len(set(coordinates)))


def judge(before: Counted, now: Counted, attempted: int) -> Verdict:
    """What must never be seen, whenever one looks."""
    lost, doubled, too_many = before.rows - now.rows, now.rows - now.distinct, now.rows - attempted
    said = [
        (lost, f"count(*) went from {before.rows} to {now.rows}"),
        (doubled, f"count(*) is {now.rows}, count(distinct coordinates) {now.distinct}"),
        (too_many, f"count(*) is {now.rows}, and only {attempted} events were sent"),
    ]
    examples = tuple(text for number, text in said if number > 0)
    return Verdict(max(lost, 0), max(doubled, too_many, 0), examples)


class Prober:
    """One thread with a view of its own. `worst` is the worst it saw."""

    def __init__(self, look: Callable[[], Counted], attempted: Callable[[], int], pause_seconds: float) -> None:
        """`look` counts the rows; what it raises of LOOKS_AWAY is a look that did not happen."""
        self._look = look
        self._attempted = attempted
        self._pause_seconds = pause_seconds
        self._stop = threading.Event()
        self._before = Counted(0, 0)
        self.looks = 0
        self.worst = Verdict(0, 0)

    def run(self) -> None:
        """Look until `stop`."""
        while not self._stop.wait(self._pause_seconds):
            self.probe()

    def stop(self) -> None:
        """No look begins after this."""
        self._stop.set()

    def probe(self) -> None:
        """Look once."""
        try:
            now = self._look()
        except LOOKS_AWAY:
            return
        self.looks += 1
        seen = judge(self._before, now, self._attempted())  # asked after the look: what was seen had been sent
        self._before = now
        self.worst = Verdict(
            max(self.worst.lost, seen.lost),
            max(self.worst.duplicated, seen.duplicated),
            self.worst.examples or seen.examples,
        )


def by_files(lake: Lake) -> Callable[[], Counted]:
    """Counts from the listing and the files. A file is read once: it never changes."""
    known: dict[tuple[str, str], list[Row]] = {}

    def look() -> Counted:
        files = set(lake.files().items())
        for key, etag in files - known.keys():
            known[key, etag] = lake.rows(key)
        return count(row for file in files for row in known[file])

    return look


def prober_of(lake: Lake, ledger: Ledger) -> Prober:
    """A prober over the files themselves."""
    return Prober(by_files(lake), lambda: ledger.events_attempted, PAUSE_SECONDS)
