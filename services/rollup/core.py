"""What the rollup decides, without I/O: which business days there are, what of the lake they are, which are due."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from hashlib import sha256
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from eyeshot.live import LiveTable
from eyeshot.table import Slot, day_end_ms, day_of

EVENTS = "events"
ONE_DAY = timedelta(days=1)


class Piece(NamedTuple):
    """What of a day partition is in a business day: rows received in [`since`, `until`), epoch ms; None: no edge."""

    day: date
    since: int | None
    until: int | None

    @property
    def slot(self) -> Slot:
        """The day partition."""
        return Slot(EVENTS, self.day)


class State(NamedTuple):
    """A business day as the log has it: the number of the newest manifest that touched it, and each piece's rows."""

    day: date
    pieces: tuple[Piece, ...]
    manifest: int
    rows: tuple[int, ...]


class Known(NamedTuple):
    """What the database has of a business day: from which manifest, and counted by which definition."""

    manifest: int
    definition: str


class NotSeen(Exception):
    """Trino sees other rows of a day than the log names; the text says which. It is asked again later."""


def start_ms(day: date, zone: ZoneInfo) -> int:
    """The first epoch ms of the day in the zone; right across daylight saving."""
    return day_end_ms(day - ONE_DAY, zone)


def pieces(day: date, zone: ZoneInfo, partition_zone: ZoneInfo) -> tuple[Piece, ...]:
    """The parts of day partitions that make up a business day, in order; none for a day that its zone left out."""
    start, end = start_ms(day, zone), day_end_ms(day, zone)
    found: list[Piece] = []
    partition = day_of(start, partition_zone)
    while start < end and (begins := start_ms(partition, partition_zone)) < end:
        ends = day_end_ms(partition, partition_zone)
        found.append(Piece(partition, start if begins < start else None, end if ends > end else None))
        partition += ONE_DAY
    return tuple(found)


def business_days(partitions: Sequence[date], zone: ZoneInfo, partition_zone: ZoneInfo) -> list[date]:
    """The business days that these day partitions may have rows of, in order."""
    found: set[date] = set()
    for partition in partitions:
        day = day_of(start_ms(partition, partition_zone), zone)
        last = day_of(day_end_ms(partition, partition_zone) - 1, zone)
        while day <= last:
            found.add(day)
            day += ONE_DAY
    return sorted(found)


def state(live: LiveTable, day: date, of_day: tuple[Piece, ...]) -> State:
    """The business day as the log has it now."""
    numbers = [live.number(piece.slot) for piece in of_day]
    return State(day, of_day, max(numbers, default=-1), tuple(live.rows(piece.slot) for piece in of_day))


def changed(states: Sequence[State], known: Mapping[date, Known], definition: str, first: date | None) -> list[State]:
    """The business days of which the database has another state than the log, or that were counted otherwise.

    A day before `first` that the database does not have is left alone.
    """
    return [
        each
        for each in states
        if (there := known.get(each.day, Known(-1, ""))).manifest < each.manifest
        or (there.definition != definition and there.manifest == each.manifest)
        if each.day in known or first is None or each.day >= first
    ]


def first_day(zone: ZoneInfo, now_ms: int, days_back: int) -> date | None:
    """The oldest business day that is begun, so many days before today; None for 0: all of them."""
    return day_of(now_ms, zone) - timedelta(days=days_back) if days_back else None


def is_over(day: date, zone: ZoneInfo, now_ms: int) -> bool:
    """Whether the clock is past the business day: before that there is no need to ask whether it is closed."""
    return day_end_ms(day, zone) <= now_ms


def check_seen(state: State, seen: Sequence[int]) -> None:
    """Raise NotSeen unless Trino saw as many rows of each day partition as the log names."""
    for piece, rows, found in zip(state.pieces, state.rows, seen, strict=True):
        if rows != found:
            raise NotSeen(f"{piece.day}: the log names {rows} rows, Trino sees {found}: the metastore is behind")


def slices(rows: int, slice_rows: int) -> int:
    """Into how many queries a day is cut so that none has to remember more than about `slice_rows` events: 2**n."""
    return 1 << max(0, (rows - 1) // slice_rows).bit_length()


def key(site: str, page: str, link: str, placement: str) -> bytes:
    """The 32 bytes that stand for a group in the table's primary key: addresses are too long for an index."""
    return sha256(msgspec.json.encode((site, page, link, placement))).digest()
