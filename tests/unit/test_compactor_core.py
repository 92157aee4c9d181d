"""When to cut, what was consumed."""

import pytest

from eyeshot.commit_log import OffsetRange
from services.compactor.core import Consumed, due, projected_bytes, seconds_until_due
from tests.builders import record


def test_only_records_that_are_mine_and_new_are_taken():
    consumed = Consumed({0: 5})
    offered = [record(b"", offset=4), record(b"", offset=5), record(b"", offset=6), record(b"", partition=1, offset=0)]
    assert [each.offset for each in consumed.take(offered)] == [5, 6]
    assert consumed.take(offered) == []
    assert consumed.ranges() == (OffsetRange(partition=0, first=5, next=7),)
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
