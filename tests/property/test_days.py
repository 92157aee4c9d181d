"""Every row in its right day: twelve zones, clocks that change, the last and first millisecond, late events."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyeshot.event import EPOCH_MS_MAX
from eyeshot.table import Slot, day_end_ms, day_of, partition_prefix
from services.compactor.decode import decode
from services.compactor.rows import SKEW_FUTURE_MS, SKEW_PAST_MS, event_time_ms
from services.partitioner.business_days import distances
from tests.builders import NOW_MS, batch, collected, event, record, single
from tests.zones import DAY, MS, ZONES, first_ms, local_day, midnights, switches

DAY_MS = DAY // MS
YEARS = (2024, 2025, 2026)
zones = st.sampled_from(ZONES)
# A thousand years are enough, and SQL's clients agree on them.
moments = st.integers(0, EPOCH_MS_MAX - 3 * DAY_MS)
LATE_SECONDS = [0, 1, 59, 3_600, 86_399, 86_400, 7 * 86_400, 7 * 86_400 + 1, 30 * 86_400, 400 * 86_400]


@given(zones, moments)
def test_a_records_day_is_that_of_the_calendar_on_the_wall(zone: str, moment: int):
    assert day_of(moment, ZoneInfo(zone)) == local_day(moment, zone)


@pytest.mark.parametrize("zone", ZONES)
def test_the_last_millisecond_and_the_first_are_on_two_days(zone: str):
    for year in YEARS:
        for midnight in midnights(zone, year):
            before, after = day_of(midnight - 1, ZoneInfo(zone)), day_of(midnight, ZoneInfo(zone))
            assert after - before == timedelta(days=1)
            assert day_end_ms(before, ZoneInfo(zone)) == midnight


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_on_which_the_clocks_change_is_shorter_or_longer_and_is_one_day(zone: str):
    for day in switches(zone, 2025):
        first, last = first_ms(day, zone), first_ms(day + DAY, zone) - 1
        assert last - first + 1 != DAY_MS
        assert {day_of(each, ZoneInfo(zone)) for each in (first, (first + last) // 2, last)} == {day}


@given(zones, moments, st.sampled_from(LATE_SECONDS))
def test_the_day_is_the_brokers_however_late_the_event_is(zone: str, now: int, late: int):
    happened = max(now - late * 1_000, 0)
    records = [
        record(single(timestamp=happened), timestamp=now),
        record(collected(batch(st=now, e=[event(ts=happened)]), received_at=now), timestamp=now, offset=1),
    ]
    ((slot, table),) = decode(records, ZoneInfo(zone)).tables.items()
    assert slot == Slot("events", local_day(now, zone))
    assert table.num_rows == len(records)


@pytest.mark.parametrize("late", LATE_SECONDS)
def test_how_late_an_event_is_can_be_told_from_its_row(late: int):
    """A backend's by any length; a browser's by seven days, beyond which its clock is not believed."""
    happened = NOW_MS - late * 1_000
    assert NOW_MS - event_time_ms(happened, None, None) == late * 1_000
    assert NOW_MS - event_time_ms(happened, NOW_MS, NOW_MS) == min(late * 1_000, SKEW_PAST_MS)


@given(st.integers(0, EPOCH_MS_MAX), st.integers(0, EPOCH_MS_MAX), moments)
def test_no_clock_of_a_browser_makes_an_event_of_next_week(timestamp: int, sent_at: int, received_at: int):
    happened = event_time_ms(timestamp, sent_at, received_at)
    assert max(received_at - SKEW_PAST_MS, 0) <= happened <= received_at + SKEW_FUTURE_MS


@pytest.mark.parametrize("ahead", [1, 60, 3_600, 10 * 365 * 86_400])
def test_a_browsers_clock_that_is_ahead_is_taken_out(ahead: int):
    """It sends both times by the same clock, so that only their distance counts."""
    assert event_time_ms(NOW_MS + ahead * 1_000 - 500, NOW_MS + ahead * 1_000, NOW_MS) == NOW_MS - 500


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("partition_zone", ["UTC", "America/New_York", "Pacific/Kiritimati"])
def test_a_business_day_begins_in_one_of_the_days_that_the_view_looks_into(zone: str, partition_zone: str):
    looked = distances(zone, partition_zone)
    for day in (date(2025, 1, 1) + DAY * number for number in range(0, 730)):
        begins = local_day(first_ms(day, zone), partition_zone)
        assert {(day - begins).days, (day - begins).days - 1} <= set(looked)
    assert len(looked) <= 3


def test_days_sort_as_their_keys_do():
    days = [date(2025, 1, 1) + DAY * number for number in range(0, 3_000, 7)]
    keys = [partition_prefix("events", day) for day in days]
    assert keys == sorted(keys)
