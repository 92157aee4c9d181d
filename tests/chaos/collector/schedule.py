"""A seed and a run's number in; which faults happen when, out. The same ones for the same numbers, on every machine."""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

FIRST_SECONDS = 1.0
"""How long a phase is left alone at its beginning, so that there is something to lose."""


class Kind(NamedTuple):
    """How long a fault lasts, at least and at most; and whether it needs a broker."""

    seconds_min: float = 0.0
    seconds_max: float = 0.0
    needs_broker: bool = False


KINDS = {
    "worker killed": Kind(),
    "parent killed": Kind(),
    "collector killed": Kind(),
    "collector stopped": Kind(),
    "workers replaced": Kind(),
    "worker paused": Kind(0.2, 3),
    "collector paused": Kind(0.2, 3),
    "power cut": Kind(),
    "disk slow": Kind(0.5, 4),
    "disk full": Kind(0.5, 3),
    "disk failing": Kind(0.5, 3),
    "clock jumped": Kind(),
    "broker killed": Kind(needs_broker=True),
    "broker paused": Kind(0.5, 5, needs_broker=True),
    "Kafka silent": Kind(0.5, 4, needs_broker=True),
    "Kafka slow": Kind(0.5, 4, needs_broker=True),
    "answers swallowed": Kind(0.5, 4, needs_broker=True),
    "connections reset": Kind(needs_broker=True),
}
AWAY = "broker away"


class Fault(NamedTuple):
    """Begins `at` seconds after its phase did. `choice` (0…1) decides what its kind leaves open."""

    at: float
    kind: str
    seconds: float
    choice: float


class Schedule(NamedTuple):
    """First the broker is there, then it is away for a while, and other things go wrong meanwhile."""

    near: tuple[Fault, ...]
    away_seconds: float
    away: tuple[Fault, ...]

    @property
    def faults(self) -> int:
        """How many there are, the broker's absence among them."""
        return len(self.near) + 1 + len(self.away)


def schedule(
    seed: int, run: int, *, faults: int, away_seconds: float, gap_seconds: float, without: Sequence[str] = ()
) -> Schedule:
    """Faults of one run: of every kind at least one, if there are enough; none of the kinds in `without`."""
    random = Random(f"{seed} {run}")
    alone = [kind for kind, known in KINDS.items() if not known.needs_broker and kind not in without]
    broken = [kind for kind, known in KINDS.items() if known.needs_broker and kind not in without]
    away = (faults - 1) * 2 // 5
    near = faults - 1 - away
    at_broker = near * len(broken) // (len(alone) + len(broken))
    # One deck after another, so that a short schedule too has each kind.
    others = _dealt(random, alone, away + near - max(at_broker, len(broken)))
    together = _dealt(random, broken, max(at_broker, len(broken))) + others[away:]
    random.shuffle(together)
    away_gap = (away_seconds - FIRST_SECONDS) / max(1, away)
    return Schedule(_faults(random, together, gap_seconds), away_seconds, _faults(random, others[:away], away_gap))


def _dealt(random: Random, kinds: Sequence[str], count: int) -> list[str]:
    """As many kinds as wanted, dealt from whole shuffled decks."""
    dealt: list[str] = []
    while len(dealt) < count:
        dealt += random.sample(kinds, len(kinds))
    return dealt[:count]


def _faults(random: Random, kinds: Sequence[str], gap_seconds: float) -> tuple[Fault, ...]:
    made, at = [], FIRST_SECONDS
    for kind in kinds:
        known = KINDS[kind]
        made.append(Fault(at, kind, random.uniform(known.seconds_min, known.seconds_max), random.random()))
        at += gap_seconds * random.uniform(0.5, 1.5)
    return tuple(made)
