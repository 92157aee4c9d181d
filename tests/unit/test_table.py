"""Days, keys and columns of the lake."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from eyeshot.table import EVENTS, PARTITION_KEYS, day_end_ms, day_of, file_key, manifest_key, partition_prefix

UTC = ZoneInfo("UTC")
NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("epoch_ms", "zone", "day"),
    [
        (1_764_028_799_999, UTC, date(2025, 11, 24)),
        (1_764_028_800_000, UTC, date(2025, 11, 25)),
        (1_764_028_800_000, NEW_YORK, date(2025, 11, 24)),
    ],
)
def test_a_day_begins_at_midnight_in_its_zone(epoch_ms: int, zone: ZoneInfo, day: date):
    assert day_of(epoch_ms, zone) == day


@pytest.mark.parametrize("zone", [UTC, NEW_YORK])
@pytest.mark.parametrize("day", [date(2025, 3, 9), date(2025, 11, 2), date(2025, 12, 31)])
def test_a_days_end_is_the_first_moment_of_the_next_even_across_daylight_saving(day: date, zone: ZoneInfo):
    end = day_end_ms(day, zone)
    assert day_of(end - 1, zone) == day
    assert day_of(end, zone) > day


def test_keys_are_zero_padded_so_that_they_sort_as_times_and_numbers_do():
    day = date(2025, 3, 9)
    assert partition_prefix("events", day) == "events/year=2025/month=03/day=09/"
    assert file_key("events", day, "abc") == "events/year=2025/month=03/day=09/abc.parquet"
    assert manifest_key(9) < manifest_key(10) == "_log/events/00000000000000000010.json"


def test_no_column_has_the_name_of_a_partition_key_or_comes_twice():
    names = [column.name for column in EVENTS.columns]
    assert not set(names) & set(PARTITION_KEYS)
    assert len(names) == len(set(names))
