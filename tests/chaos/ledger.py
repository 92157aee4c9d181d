"""What was sent in, and what Kafka acknowledged of it; what of it is lost or twice in the lake out. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Place(NamedTuple):
    """Where Kafka put a record."""

    partition: int
    offset: int


class Row(NamedTuple):
    """A row of the lake: where its record was, its place in the batch, and the name of what was sent."""

    place: Place
    position: int
    name: str


@dataclass
class Entry:
    """Something that was sent, as often as it was sent under the same identity; each time with as many events."""

    events: int
    identified: bool  # sent twice it is there once; else each sending is another one
    attempts: int = 0
    acknowledged: set[Place] = field(default_factory=set)


class Verdict(NamedTuple):
    """What is wrong: events that are lost, rows that are too many, and an example of each."""

    lost: int
    duplicated: int
    examples: tuple[str, ...] = ()


class Ledger:
    """Everything that was ever sent, by name. A name that was not acknowledged may be in the lake or not."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.events_attempted = 0  # rows that there can be at most
        self.resent = 0  # sendings that were repetitions

    def attempt(self, name: str, events: int, *, identified: bool) -> None:
        """Something is about to be sent, perhaps again."""
        entry = self.entries.setdefault(name, Entry(events, identified))
        assert entry.events == events, f"{name} is sent again with other events"
        entry.attempts += 1
        self.events_attempted += events
        self.resent += entry.attempts > 1

    def acknowledge(self, name: str, place: Place) -> None:
        """Kafka has it for good, there."""
        self.entries[name].acknowledged.add(place)

    @property
    def acknowledged(self) -> float:
        """Which share of all sendings was acknowledged; the others may be in the lake or not, and prove little."""
        attempts = sum(entry.attempts for entry in self.entries.values())
        return sum(len(entry.acknowledged) for entry in self.entries.values()) / attempts if attempts else 0.0

    def judge(self, rows: Iterable[Row], *, window: bool) -> Verdict:
        """Compare with the lake. `window`: what is sent again under its identity must be there once, not again."""
        found: defaultdict[str, Counter[tuple[Place, int]]] = defaultdict(Counter)
        for row in rows:
            found[row.name][row.place, row.position] += 1
        verdicts = [
            _judge_once(name, entry, found.pop(name, Counter()))
            if window and entry.identified
            else _judge_each(name, entry, found.pop(name, Counter()))
            for name, entry in self.entries.items()
        ]
        verdicts += [Verdict(0, rows.total(), (f"{name} was never sent",)) for name, rows in found.items()]
        return Verdict(
            sum(each.lost for each in verdicts),
            sum(each.duplicated for each in verdicts),
            tuple(example for each in verdicts for example in each.examples),
        )


def _judge_each(name: str, entry: Entry, rows: Mapping[tuple[Place, int], int]) -> Verdict:
    """Every record stands for itself: each acknowledged one is there, no row twice, no more than was tried."""
    lost = [
        (place, position)
        for place in entry.acknowledged
        for position in range(entry.events)
        if (place, position) not in rows
    ]
    twice = sum(times - 1 for times in rows.values())
    strangers = {place for place, _ in rows} - entry.acknowledged
    unknown = entry.attempts - len(entry.acknowledged)
    partial = sum(entry.events - sum(place == each for each, _ in rows) for place in strangers)
    too_many = max(0, len(strangers) - unknown) * entry.events
    return _verdict(name, len(lost) + partial, twice + too_many)


def _judge_once(name: str, entry: Entry, rows: Mapping[tuple[Place, int], int]) -> Verdict:
    """However often it was sent, each of its events is there once."""
    by_position = Counter[int]()
    for (_, position), times in rows.items():
        by_position[position] += times
    needed = entry.events if entry.acknowledged or rows else 0
    return _verdict(name, needed - len(by_position), sum(times - 1 for times in by_position.values()))


def _verdict(name: str, lost: int, duplicated: int) -> Verdict:
    text = f"{name}: {lost} lost, {duplicated} duplicated"
    return Verdict(lost, duplicated, (text,) if lost or duplicated else ())
