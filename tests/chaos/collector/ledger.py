"""What clients sent and what they were told in; what was lost and what came from nowhere out."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

Identity = tuple[str, str, int]
"""(page_view_id, source, sequence) of a batch."""


class Verdict(NamedTuple):
    """Acknowledged but not in the topic; in the topic but never sent; how often one is in the topic again (allowed)."""

    lost: frozenset[Identity]
    phantom: frozenset[Identity]
    repeated: int


class Ledger:
    """Every batch is written down before it is sent, and its outcome when there is one."""

    def __init__(self) -> None:
        self.attempted: set[Identity] = set()
        self.acked: set[Identity] = set()
        self.outcomes: Counter[str] = Counter()

    def sends(self, batch: Identity) -> None:
        """Before its first byte leaves."""
        self.attempted.add(batch)

    def answered(self, batch: Identity, status: int) -> None:
        """The whole answer arrived: 202 is a promise, everything else is a refusal."""
        if status == 202:
            self.acked.add(batch)
            self.outcomes["acked"] += 1
        else:
            self.outcomes["refused"] += 1

    def unanswered(self) -> None:
        """Nobody knows."""
        self.outcomes["unknown"] += 1

    def judge(self, stored: Iterable[Identity]) -> Verdict:
        """Compare with what the topic holds."""
        counted = Counter(stored)
        return Verdict(
            frozenset(self.acked - counted.keys()),
            frozenset(counted.keys() - self.attempted),
            counted.total() - len(counted),
        )
