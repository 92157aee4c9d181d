"""What the partitioner decides, without I/O: which days the metastore still has to be told."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple, TypeVar

from eyeshot.commit_log import Manifest
from eyeshot.table import TABLE_NAMES

T = TypeVar("T")


class Day(NamedTuple):
    """A day partition of a table."""

    table: str
    day: date


def days_of(manifests: Iterable[Manifest]) -> set[Day]:
    """The days into which the manifests put files."""
    return {Day(file.table, file.day) for manifest in manifests for file in manifest.files}


def days_around(today: date) -> set[Day]:
    """Today and tomorrow of every table: a day is there before its first file."""
    return {Day(table, day) for table in TABLE_NAMES for day in (today, today + timedelta(days=1))}


def batches(days: Iterable[Day], most: int) -> Iterator[tuple[str, list[date]]]:
    """One table and at most so many of its days at a time, in order."""
    by_table: dict[str, list[date]] = {}
    for table, day in sorted(days):
        by_table.setdefault(table, []).append(day)
    for table, its_days in by_table.items():
        for chunk in _chunks(its_days, most):
            yield table, list(chunk)


def _chunks(items: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), most):
        yield items[start : start + most]
