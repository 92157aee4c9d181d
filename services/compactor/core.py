"""What the compactor decides, without I/O: which rows belong to which file, when to cut, what was consumed."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from eyeshot.commit_log import CutReason, OffsetRange
from services.compactor.rows import KafkaRecord

FIRST_GUESS_BYTES_PER_ROW = 64


class Slot(NamedTuple):
    """Where rows go: one open file per table and day."""

    table: str
    day: date


class Consumed:
    """What was consumed of each owned Kafka partition since the last commit."""

    def __init__(self, starts: Mapping[int, int]) -> None:
        self._first = dict(starts)
        self._next = dict(starts)

    def take(self, records: Iterable[KafkaRecord]) -> list[KafkaRecord]:
        """The records that are mine and new, in order; a rebalance can leave others in the client's buffer."""
        taken = []
        for record in records:
            if record.offset >= self._next.get(record.partition, record.offset + 1):
                self._next[record.partition] = record.offset + 1
                taken.append(record)
        return taken

    def ranges(self) -> tuple[OffsetRange, ...]:
        """The offsets consumed, partition by partition."""
        return tuple(
            OffsetRange(partition=partition, first=self._first[partition], next=following)
            for partition, following in sorted(self._next.items())
            if following > self._first[partition]
        )

    def next_offsets(self) -> dict[int, int]:
        """Where each owned partition goes on."""
        return dict(self._next)

    def committed(self) -> None:
        """Begin anew after what was taken."""
        self._first = dict(self._next)


def projected_bytes(written_bytes: int, written_rows: int, pending_rows: int) -> int:
    """Size of the file if it were closed now: what is written, and the rest at the bytes per row seen so far."""
    per_row = written_bytes / written_rows if written_rows else FIRST_GUESS_BYTES_PER_ROW
    return round(written_bytes + pending_rows * per_row)


def due(
    *,
    largest_bytes: int,
    first_record_at: float | None,
    now: float,
    flush_bytes: int,
    flush_seconds: float,
) -> CutReason | None:
    """Why the open files must be cut now, or None. Times are seconds of one monotonic clock."""
    if largest_bytes >= flush_bytes:
        return "size"
    if first_record_at is not None and now - first_record_at >= flush_seconds:
        return "age"
    return None


def seconds_until_due(first_record_at: float | None, now: float, flush_seconds: float, idle_seconds: float) -> float:
    """How long to wait for records at most, so that a cut by age comes on time."""
    if first_record_at is None:
        return idle_seconds
    return min(max(first_record_at + flush_seconds - now, 0.0), idle_seconds)
