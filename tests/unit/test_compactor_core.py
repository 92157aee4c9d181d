"""When to cut, what was consumed, which file a row belongs to."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from eyeshot.commit_log import OffsetRange
from services.compactor.core import Consumed, Slot, decode, due, projected_bytes, seconds_until_due
from tests.builders import NOW_MS, batch, collected, event, record

UTC = ZoneInfo("UTC")
A_DAY_MS = 24 * 3_600_000


def test_rows_go_to_the_file_of_their_table_and_of_their_records_day():
    value = collected(batch(e=[event(), event(ts=None)]))
    decoded = decode([record(value), record(value, offset=1, timestamp=NOW_MS + A_DAY_MS)], UTC)
    assert {slot: len(rows) for slot, rows in decoded.rows.items()} == {
        Slot("events", date(2025, 11, 25)): 1,
        Slot("rejected", date(2025, 11, 25)): 1,
        Slot("events", date(2025, 11, 26)): 1,
        Slot("rejected", date(2025, 11, 26)): 1,
    }
    assert decoded.times[Slot("events", date(2025, 11, 26))] == (NOW_MS + A_DAY_MS, NOW_MS + A_DAY_MS)


def test_only_records_that_are_mine_and_new_are_taken():
    consumed = Consumed({0: 5})
    offered = [record(b"", offset=4), record(b"", offset=5), record(b"", offset=6), record(b"", partition=1, offset=0)]
    assert [each.offset for each in consumed.take(offered)] == [5, 6]
    assert consumed.take(offered) == []
    assert consumed.ranges() == (OffsetRange(partition=0, first=5, next=7, records=2),)
    assert consumed.next_offsets() == {0: 7}


def test_after_a_commit_nothing_is_left_to_commit():
    consumed = Consumed({0: 0, 1: 0})
    consumed.take([record(b"", offset=0)])
    consumed.committed()
    assert consumed.ranges() == ()
    assert consumed.next_offsets() == {0: 1, 1: 0}


@pytest.mark.parametrize(
    ("largest_bytes", "first_record_at", "now", "reason"),
    [
        (99, 10.0, 14.9, None),
        (99, 10.0, 15.0, "age"),
        (100, 10.0, 11.0, "size"),
        (0, None, 1e9, None),
    ],
)
def test_a_cut_is_due_at_the_size_or_at_the_age_and_not_before(
    largest_bytes: int, first_record_at: float | None, now: float, reason: str | None
):
    due_now = due(
        largest_bytes=largest_bytes, first_record_at=first_record_at, now=now, flush_bytes=100, flush_seconds=5
    )
    assert due_now == reason


def test_the_projection_uses_the_bytes_per_row_seen_so_far():
    assert projected_bytes(1000, 100, 50) == 1500
    assert projected_bytes(0, 0, 0) == 0


def test_the_wait_ends_when_a_cut_by_age_is_due():
    assert seconds_until_due(10.0, 14.8, 5, idle_seconds=0.5) == pytest.approx(0.2)
    assert seconds_until_due(10.0, 99.0, 5, idle_seconds=0.5) == 0
    assert seconds_until_due(None, 99.0, 5, idle_seconds=0.5) == 0.5
