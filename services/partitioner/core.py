"""What the partitioner decides, without I/O: how the metastore differs from the log, and what to do about it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple, TypeVar

from eyeshot.table import PARTITION_KEYS, TABLE_NAMES, Slot, partition_values
from services.partitioner.places import Place, Places, own_location

T = TypeVar("T")


class Registered(NamedTuple):
    """A partition as the metastore has it.

    `manifest` is the number of the manifest that moved the day there, None when it lies where its table has it;
    `located_at` is when it was swapped there, epoch ms. Both are parameters of the partition.
    """

    location: str
    manifest: int | None = None
    located_at: int | None = None


class Plan(NamedTuple):
    """What is to be done: days to add, days to point elsewhere, days to take away; all in order."""

    register: list[Slot]
    swap: list[Slot]
    drop: list[Slot]


def days_around(today: date) -> set[Slot]:
    """Today and tomorrow of every table: a day is there before its first file."""
    return {Slot(table, day) for table in TABLE_NAMES for day in (today, today + timedelta(days=1))}


def wanted(slot: Slot, places: Mapping[Slot, Place], around: Collection[Slot], bucket: str) -> Place | None:
    """Where the day's partition shall point, if it shall be: a day with files, or one around today although empty."""
    place = places.get(slot)
    if place and place.location:
        return place
    if slot in around:
        return Place(own_location(slot, bucket), place.manifest if place else None, 0)
    return None


def plan(seen: Mapping[Slot, Registered], places: Places, today: date) -> Plan:
    """How to get from what was seen in the metastore to what the log says."""
    around = days_around(today)
    register, swap, drop = [], [], []
    for slot in places.days.keys() | around | seen.keys():
        there = seen.get(slot)
        place = wanted(slot, places.days, around, places.bucket)
        if there is not None and is_beyond(there, places.sequence):
            continue
        if place and there is None:
            register.append(slot)
        elif place and there and not agree(place, there):
            swap.append(slot)
        elif place is None and there and (slot in places.days or was_only_prepared(slot, there, today, places.bucket)):
            drop.append(slot)
    return Plan(sorted(register), sorted(swap), sorted(drop))


def agree(place: Place, there: Registered) -> bool:
    """Whether the partition points there, and says since when and by which manifest if the day was moved."""
    same = (place.location, place.manifest) == (there.location, there.manifest)
    return same and (place.manifest is None or there.located_at is not None)


def was_only_prepared(slot: Slot, there: Registered, today: date, bucket: str) -> bool:
    """Whether an empty day is over that was registered just in case."""
    before_yesterday = slot.day < today - timedelta(days=1)
    return before_yesterday and there == Registered(own_location(slot, bucket), None, there.located_at)


def is_beyond(there: Registered, sequence: int) -> bool:
    """Whether a manifest moved the partition that the log does not have: this log is not to judge it."""
    return there.manifest is not None and there.manifest > sequence


def is_due(place: Place | None, there: Registered | None, taken_at: int, grace_ms: int, now_ms: int) -> bool:
    """Whether a file that a manifest of `taken_at` (epoch ms) took out of the table may be deleted.

    Its day must be seen in the metastore where the log has it now, and must have been there for the grace period.
    """
    if place is None or place.location is None:
        return there is None and taken_at + grace_ms <= now_ms
    if there is None or not agree(place, there):
        return False
    return max(taken_at, there.located_at or 0) + grace_ms <= now_ms


def partition_name(day: date) -> str:
    """A partition's name, as the metastore has it: year=…/month=…/day=…."""
    return "/".join(f"{key}={value}" for key, value in zip(PARTITION_KEYS, partition_values(day), strict=True))


def day_of_name(name: str) -> date | None:
    """The day of a partition with that name; None when it is none of ours, zeros included."""
    try:
        year, month, day = (int(part.partition("=")[2]) for part in name.split("/"))
        found = date(year, month, day)
    except ValueError:
        return None
    return found if partition_name(found) == name else None


def batches(days: Iterable[Slot], most: int) -> Iterator[tuple[str, list[date]]]:
    """One table and at most so many of its days at a time, in order."""
    by_table: dict[str, list[date]] = {}
    for table, day in sorted(days):
        by_table.setdefault(table, []).append(day)
    for table, its_days in by_table.items():
        for chunk in chunks(its_days, most):
            yield table, list(chunk)


def chunks(items: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """So many at a time."""
    for start in range(0, len(items), most):
        yield items[start : start + most]
