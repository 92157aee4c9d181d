"""What the compactor decides, without I/O: which rows belong to which file, when to cut, what was consumed."""

import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from eyeshot.commit_log import CutReason, OffsetRange
from services.compactor.rows import KafkaRecord

FIRST_POLL_RECORDS = 100
MEMORY_BYTES_AT_REST = 192 * 1024 * 1024  # where the system does not tell: libraries, and what Kafka sent
MEMORY_SPARE = 8  # this part of the budget is left for the next poll and for a cut; less than it is not worth a cut


class Found(NamedTuple):
    """What was found of a range of offsets that was read again: how many records, and the first one's offset."""

    records: int
    first: int


def lost_records(wanted: Iterable[OffsetRange], found: Iterable[Found]) -> tuple[OffsetRange, ...]:
    """What Kafka no longer has of ranges that were committed; retention takes the oldest first."""
    return tuple(
        OffsetRange(
            partition=taken.partition, first=taken.first, next=there.first, records=taken.records - there.records
        )
        for taken, there in zip(wanted, found, strict=True)
        if there.records < taken.records
    )


@dataclass
class _Count:
    records: int = 0
    duplicates: int = 0
    events: int | None = None


class Consumed:
    """What was consumed of each owned Kafka partition since the last commit.

    `starts` is where each partition really starts, `expected` where the log left off, which Kafka may have lost.
    """

    def __init__(self, starts: Mapping[int, int], expected: Mapping[int, int] | None = None) -> None:
        self._next = dict(starts)
        self._first = self._next | {part: each for part, each in (expected or {}).items() if part in self._next}
        self._lost = self._lost_now()
        self._counts: dict[int, _Count] = {}
        self.newest: dict[int, KafkaRecord] = {}

    def take(self, records: Iterable[KafkaRecord]) -> list[KafkaRecord]:
        """The records that are mine and new, in order; a rebalance can leave others in the client's buffer."""
        taken: list[KafkaRecord] = []
        for partition, together in groupby(records, key=attrgetter("partition")):
            if partition in self._next:
                taken += self._take(partition, together)
        return taken

    def _take(self, partition: int, records: Iterable[KafkaRecord]) -> list[KafkaRecord]:
        taken, following = [], self._next[partition]
        for record in records:
            if record.offset >= following:
                following = record.offset + 1
                taken.append(record)
        if taken:
            self._next[partition] = following
            self._count(partition).records += len(taken)
            self.newest[partition] = taken[-1]
        return taken

    def found(self, partition: int, *, events: int, duplicates: int = 0) -> None:
        """Count what was in the records taken: events, invalid ones included, and how many of them are duplicates."""
        count = self._count(partition)
        count.events = (count.events or 0) + events
        count.duplicates += duplicates

    def ranges(self) -> tuple[OffsetRange, ...]:
        """The offsets consumed, partition by partition."""
        return tuple(
            OffsetRange(
                partition=partition,
                first=self._first[partition],
                next=following,
                records=self._count(partition).records,
                duplicates=self._count(partition).duplicates,
                events=self._count(partition).events,
                last_time=self.newest[partition].timestamp if partition in self.newest else None,
            )
            for partition, following in sorted(self._next.items())
            if following > self._first[partition]
        )

    def lost(self) -> tuple[OffsetRange, ...]:
        """Offsets within the ranges that retention took before anybody read them."""
        return self._lost

    def next_offsets(self) -> dict[int, int]:
        """Where each owned partition goes on."""
        return dict(self._next)

    def committed(self) -> None:
        """Begin anew after what was taken."""
        self._first = dict(self._next)
        self._lost = ()
        self._counts = {}

    def _count(self, partition: int) -> _Count:
        return self._counts.setdefault(partition, _Count())

    def _lost_now(self) -> tuple[OffsetRange, ...]:
        return tuple(
            OffsetRange(
                partition=partition, first=self._first[partition], next=start, records=start - self._first[partition]
            )
            for partition, start in sorted(self._next.items())
            if start > self._first[partition]
        )


def due(
    *,
    largest_bytes: int,
    first_record_at: float | None,
    now: float,
    flush_bytes: int,
    flush_seconds: float,
    memory_bytes: int = 0,
    held_bytes: int = 0,
    memory_bytes_max: int = sys.maxsize,
) -> CutReason | None:
    """Why the open files must be cut now, or None. Times are seconds of one monotonic clock.

    `memory_bytes` is the whole process's, `held_bytes` what a cut would free of it.
    """
    if largest_bytes >= flush_bytes:
        return "size"
    spare = memory_bytes_max // MEMORY_SPARE
    if memory_bytes >= memory_bytes_max - spare and held_bytes >= spare:
        return "memory"
    if first_record_at is not None and now - first_record_at >= flush_seconds:
        return "age"
    return None


def seconds_until_due(first_record_at: float | None, now: float, flush_seconds: float, idle_seconds: float) -> float:
    """How long to wait for records at most, so that a cut by age comes on time."""
    if first_record_at is None:
        return idle_seconds
    return min(max(first_record_at + flush_seconds - now, 0.0), idle_seconds)


def records_to_poll(records: int, size: int, *, records_max: int, bytes_max: int) -> int:
    """How many records to ask for next when so many of so many bytes are there already; 0 when they are enough.

    Their mean says how many will fit. Never more than there are already: the next ones may be larger.
    """
    if records >= records_max or size >= bytes_max:
        return 0
    if not records:
        return min(FIRST_POLL_RECORDS, records_max)
    fitting = (bytes_max - size) * records // max(size, 1)
    return min(records_max - records, records, max(fitting, 1))


def abandoned(
    pending: Iterable[tuple[str, str, int]], named: Collection[str], now_ms: int, age_ms: int
) -> list[tuple[str, str]]:
    """Key and id of the uploads (key, id, start in epoch ms) that no manifest names and that are too old to be open.

    A compactor that wakes after a longer pause and commits one of them finds it lost, and it is rebuilt from Kafka.
    """
    return [
        (key, upload_id)
        for key, upload_id, started_at in pending
        if upload_id not in named and now_ms - started_at >= age_ms
    ]
