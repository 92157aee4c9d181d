"""What all runs together came to in; the table of faults and the last line out. Pure."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """Runs, the faults that really took place by kind, and what was wrong afterwards."""

    runs: int = 0
    lost: int = 0
    duplicated: int = 0
    faults: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Take another tally's numbers in."""
        self.runs += other.runs
        self.lost += other.lost
        self.duplicated += other.duplicated
        self.faults += other.faults

    @property
    def exact(self) -> bool:
        """Whether nothing is lost and nothing is there twice."""
        return not self.lost and not self.duplicated


def render(tally: Tally) -> str:
    """A line for each kind of fault; the last line is the result."""
    width = max(map(len, tally.faults), default=0)
    lines = [f"  {kind:{width}} {number:6,}" for kind, number in sorted(tally.faults.items())]
    return "\n".join([*lines, last_line(tally)])


def last_line(tally: Tally) -> str:
    """The result, for machines too."""
    return f"runs={tally.runs} faults={tally.faults.total()} lost={tally.lost} duplicated={tally.duplicated}"
