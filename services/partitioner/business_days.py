"""A zone in; a view of the events by its business days, exact across daylight saving, out. Pure.

A business day in a zone begins in one of the table's days and ends in that one or the next: those two are all that is
read. An event counts on the business day of its `event_time`. One that came too late for that, so that its row is in a
later day of the table, counts on the first business day of which that one is a part, and says so (`days_late`); one of
the future, on the last. So every row counts once, a business day is final once its two days are closed, and a business
day of the past is never changed by what comes today.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from eyeshot.table import Column
from services.partitioner.view import KEYS, View, literal, quoted

_ADDED = (
    Column("business_day", "date", "The day on which the event counts"),
    Column("event_day", "date", "The day of event_time in the zone"),
    Column("days_late", "bigint", "Days from the event's day to the one on which it counts; 0: in time"),
)
_NOONS = [datetime(2020, 1, 1, 12) + timedelta(weeks=week) for week in range(40 * 52)]  # their offsets stand for all
_BEFORE_ALL, _AFTER_ALL = "DATE '0001-01-01'", "date_add('day', 1, DATE '9999-12-31')"
# The day of the table that a row is in. What the view itself filters by is not the partition keys, or every query would
# name them and none would be refused; what its users filter by is, so that it chooses the days that are read. It is
# written out wherever it is needed, because Trino pushes a filter through an expression only if that comes once, and
# where there is no day it is not NULL, which would not keep a day of the table from being read.
_PLACE = "CAST(regexp_replace(\"$partition\", 'year=(.*)/month=(.*)/day=(.*)', '$1-$2-$3') AS date)"
_KEYED = "CAST(year || '-' || month || '-' || day AS date)"


def view_name(zone: str) -> str:
    """The name of a zone's view: `business_days_europe_paris`."""
    return "business_days_" + re.sub("[^a-z0-9]+", "_", zone.lower())


def business_days(columns: Sequence[Column], selected: str, zone: str, partition_zone: str) -> View:
    """A part for each distance of a business day from a day of the table, of which a query needs two.

    `selected` are the columns as they are selected from `events`.
    """
    names = [column.name for column in columns]
    parts = (_part(names, selected, zone, partition_zone, distance) for distance in distances(zone, partition_zone))
    return View(
        view_name(zone),
        f"every event on the business day in {zone} on which it counts; name a business_day",
        (*_ADDED, *columns, *KEYS),
        "\nUNION ALL\n".join(parts),
    )


def distances(zone: str, partition_zone: str) -> list[int]:
    """How many days after (below 0: before) a day of the table the business days are of which it can be a part."""
    ahead = {_offset(zone, noon) - _offset(partition_zone, noon) for noon in _NOONS}
    begins = {-offset // timedelta(days=1) for offset in ahead}  # days from a business day to the one it begins in
    return sorted({-begin - later for begin in begins for later in (0, 1)})


def _offset(zone: str, time: datetime) -> timedelta:
    offset = time.replace(tzinfo=ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return offset


def _part(names: Sequence[str], selected: str, zone: str, partition_zone: str, distance: int) -> str:
    """The rows whose business day is so many days after the table's day they are in.

    What follows from the day alone (here, earliest, latest) is computed once per block, not once per row, as long as
    it is not merged into the condition: with `event_day` in it twice, Trino leaves it where it is.
    """

    def counted(day: str, later: int = 0) -> str:
        return f"date_add('day', {distance + later}, {day})"

    def is_part(day: str, later: int = 0) -> str:
        """Whether the day of the table is the one in which that business day begins, or the next."""
        midnight = f"with_timezone(CAST({counted(day, later)} AS timestamp(0)), {literal(zone)})"
        begins = f"CAST({midnight} AT TIME ZONE {literal(partition_zone)} AS date)"
        return f"{begins} IN ({day}, date_add('day', -1, {day}))"

    event_day = f"CAST(with_timezone(event_time, 'UTC') AT TIME ZONE {literal(zone)} AS date)"
    here = counted(_PLACE)
    return f"""
SELECT IF({is_part(_KEYED)}, {counted(_KEYED)}, {_BEFORE_ALL}) AS business_day, event_day,
       date_diff('day', event_day, here) AS days_late, {quoted(*names)}, year, month, day
FROM (
    SELECT {event_day} AS event_day, {here} AS here,
           IF({is_part(_PLACE, -1)}, {here}, {_BEFORE_ALL}) AS earliest,
           IF({is_part(_PLACE)}, IF({is_part(_PLACE, 1)}, {here}, {_AFTER_ALL}), {_BEFORE_ALL}) AS latest,
           {selected}, year, month, day
    FROM events
)
WHERE event_day = least(greatest(event_day, earliest), latest)
""".strip()
