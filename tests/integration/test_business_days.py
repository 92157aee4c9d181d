"""Business days in twelve zones, on the real Trino: each row counts once, on the calendar's day, from two days."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from deploy import query
from services.compactor.rows import KafkaRecord
from services.partitioner.business_days import view_name
from services.partitioner.views import views
from tests.builders import encoded, single
from tests.planted import Planted, planted
from tests.running import RunningStack
from tests.zones import DAY, ZONES, epoch_ms, first_ms, local_day, midnights, switches

SECOND, HOUR, DAY_MS = 1_000, 3_600_000, 86_400_000
# How long after it happened the broker got it; below 0: the clock of who sent it is ahead.
DELAYS = (0, 2 * SECOND, 5 * HOUR, 26 * HOUR, 3 * DAY_MS, 400 * DAY_MS, -5 * 60 * SECOND, -30 * DAY_MS)


class Sent(NamedTuple):
    """An event: when it happened and when the broker got it, epoch ms."""

    number: int
    happened: int
    stored: int


def _sent() -> list[Sent]:
    times = sorted(
        {moment for zone in ZONES for midnight in midnights(zone, 2025) for moment in (midnight - 1, midnight)}
    )
    pairs = [(time, time + delay) for time in times for delay in DELAYS[:3]]
    pairs += [(time, time + delay) for time in times[:: len(times) // 12] for delay in DELAYS[3:]]
    return [Sent(number, *pair) for number, pair in enumerate(pairs)]


SENT = _sent()


def right(sent: Sent, zone: str, partition_zone: str = "UTC") -> tuple[date, date]:
    """The day on which it happened, and the business day on which it counts: docs/sql.md in Python.

    The business days of which the row's day of the table is a part are those that begin in it or on the day before.
    """
    happened, stored = local_day(sent.happened, zone), local_day(sent.stored, partition_zone)
    around = (stored + timedelta(days=distance) for distance in range(-3, 4))
    parts = [day for day in around if stored - local_day(first_ms(day, zone), partition_zone) in (timedelta(0), DAY)]
    return happened, min(max(happened, parts[0]), parts[-1])


RECORDS = [KafkaRecord(0, each.number, each.stored, encoded(single(timestamp=each.happened))) for each in SENT]


@pytest.fixture(scope="module")
def lake(stack: RunningStack) -> Iterator[Planted]:
    """All of those events in the days in which the compactor puts them."""
    with planted(stack, views(ZONES, "UTC")) as lake:
        asyncio.run(lake.create())
        asyncio.run(lake.records(RECORDS))
        yield lake


@pytest.mark.parametrize("zone", ZONES)
def test_every_row_counts_once_on_its_right_day(lake: Planted, zone: str):
    rows = lake.select(
        f"SELECT kafka_offset, event_day, business_day, days_late FROM {{}}.{view_name(zone)} WHERE year >= '2000'"
    )
    found = {row["kafka_offset"]: (row["event_day"], row["business_day"]) for row in rows}
    assert len(rows) == len(SENT)
    assert found == {each.number: right(each, zone) for each in SENT}
    assert all(row["days_late"] == (row["business_day"] - row["event_day"]).days for row in rows)


@pytest.mark.parametrize("zone", ZONES)
def test_what_came_in_time_counts_on_the_day_of_its_calendar(lake: Planted, zone: str):
    """Two seconds after midnight are in time, everywhere: the day of the table that follows is read too."""
    in_time = [each for each in SENT if 0 <= each.stored - each.happened <= 2 * SECOND]
    rows = lake.select(
        f"SELECT kafka_offset, business_day FROM {{}}.{view_name(zone)} WHERE year >= '2000' AND days_late = 0"
    )
    found = {row["kafka_offset"]: row["business_day"] for row in rows}
    wrong = [each for each in in_time if found.get(each.number) != local_day(each.happened, zone)]
    assert [each for each in wrong if not _ends_a_utc_day(each, zone)] == []


def _ends_a_utc_day(sent: Sent, zone: str) -> bool:
    """A business day whose last moment is that of its second day of the table has no day left for who comes later."""
    end = first_ms(local_day(sent.happened, zone) + DAY, zone)
    begins = local_day(first_ms(local_day(sent.happened, zone), zone), "UTC")
    return end == first_ms(begins + 2 * DAY, "UTC") and sent.stored >= end


@pytest.mark.parametrize("zone", ZONES)
def test_every_late_row_can_be_counted(lake: Planted, zone: str):
    rows = lake.select(
        f"SELECT days_late, count(*) AS events FROM {{}}.{view_name(zone)}"
        " WHERE year >= '2000' AND days_late <> 0 GROUP BY 1"
    )
    expected: dict[int, int] = {}
    for each in SENT:
        happened, counted = right(each, zone)
        if counted != happened:
            expected[(counted - happened).days] = expected.get((counted - happened).days, 0) + 1
    assert {row["days_late"]: row["events"] for row in rows} == expected
    assert max(expected) >= 399
    assert min(expected) <= -29


@pytest.mark.parametrize("zone", ZONES)
async def test_a_business_day_reads_two_days_of_the_table_and_no_other(stack: RunningStack, zone: str):
    """Every other day holds a file that cannot be read: whoever opens it fails."""
    business_day = (switches(zone, 2025) or [date(2025, 11, 1)])[0]
    first = first_ms(business_day, zone)
    begins = local_day(first, "UTC")
    with planted(stack, views([zone], "UTC")) as lake:
        await lake.create()
        moments = (first, first_ms(business_day + DAY, zone) - 1)
        await lake.records(KafkaRecord(0, n, at, encoded(single(timestamp=at))) for n, at in enumerate(moments))
        for day in (begins - DAY, begins + 2 * DAY):
            await lake.file("events", day, b"PAR1 this is no Parquet file PAR1")
        asked = f"SELECT count(*) AS events FROM {{}}.{view_name(zone)} WHERE business_day"
        (row,) = lake.select(f"{asked} = DATE '{business_day}'")
        assert row["events"] == len(moments)
        with pytest.raises(query.QueryFailed, match=r"Parquet|parquet"):
            lake.select(f"{asked} >= DATE '{business_day - 2 * DAY}'")


@pytest.mark.parametrize("condition", ["true", "days_late > 0", "event_day = DATE '2025-11-25'", "site = 'demo'"])
def test_a_question_about_no_day_is_refused(lake: Planted, condition: str):
    with pytest.raises(query.QueryFailed, match="Filter required"):
        lake.run(f"SELECT count(*) FROM {{}}.business_days_utc WHERE {condition}")


def test_the_days_of_a_zone_add_up_to_the_days_of_the_table(lake: Planted):
    (row,) = lake.select(
        "SELECT sum(events) AS events FROM (SELECT business_day, count(*) AS events"
        " FROM {}.business_days_pacific_chatham WHERE business_day > DATE '2000-01-01' GROUP BY 1)"
    )
    assert row["events"] == len(SENT)


async def test_a_table_whose_days_are_not_utcs_has_the_right_business_days_too(stack: RunningStack):
    new_york, zones = "America/New_York", ("UTC", "Pacific/Kiritimati")
    with planted(stack, views(zones, new_york)) as lake:
        await lake.create()
        await lake.records(RECORDS, ZoneInfo(new_york))
        for zone in zones:
            rows = lake.run(
                f"SELECT kafka_offset, event_day, business_day FROM {{}}.{view_name(zone)} WHERE year >= '2000'"
            ).rows
            assert sorted(map(tuple, rows)) == [(each.number, *right(each, zone, new_york)) for each in SENT]


def test_the_moments_that_are_tried_are_the_last_and_the_first_of_a_day():
    utc = {datetime.fromtimestamp(each.happened // 1000, UTC).strftime("%H:%M:%S") for each in SENT}
    assert {"23:59:59", "00:00:00"} <= utc
    assert epoch_ms(datetime(2025, 3, 1, tzinfo=UTC)) in {each.happened for each in SENT}
