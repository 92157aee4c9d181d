"""When to cut, what was consumed, what memory it takes."""

from typing import Any

import pytest

from eyeshot.commit_log import OffsetRange
from eyeshot.lake.sizes import projected_bytes
from services.compactor.core import (
    Consumed,
    Found,
    abandoned,
    due,
    lost_records,
    records_to_poll,
    seconds_until_due,
)
from tests.builders import NOW_MS, record


def test_only_records_that_are_mine_and_new_are_taken():
    consumed = Consumed({0: 5})
    offered = [record(b"", offset=4), record(b"", offset=5), record(b"", offset=6), record(b"", partition=1, offset=0)]
    assert [each.offset for each in consumed.take(offered)] == [5, 6]
    assert consumed.take(offered) == []
    assert consumed.ranges() == (OffsetRange(partition=0, first=5, next=7, records=2, last_time=NOW_MS),)
    assert consumed.next_offsets() == {0: 7}


def test_partitions_may_take_turns_and_a_record_that_comes_again_or_late_is_not_taken():
    consumed = Consumed({0: 0, 1: 7})
    offered = [(0, 0), (1, 7), (0, 1), (0, 1), (1, 6), (1, 9), (1, 8), (0, 0), (0, 5)]
    taken = consumed.take([record(b"", partition=partition, offset=offset) for partition, offset in offered])
    assert [(each.partition, each.offset) for each in taken] == [(0, 0), (1, 7), (0, 1), (1, 9), (0, 5)]
    assert {part: each.offset for part, each in consumed.newest.items()} == {0: 5, 1: 9}
    assert [(each.partition, each.next, each.records) for each in consumed.ranges()] == [(0, 6, 3), (1, 10, 2)]


def test_after_a_commit_nothing_is_left_to_commit():
    consumed = Consumed({0: 0, 1: 0})
    consumed.take([record(b"", offset=0)])
    consumed.committed()
    assert consumed.ranges() == ()
    assert consumed.next_offsets() == {0: 1, 1: 0}


def test_what_retention_took_is_told_once():
    consumed = Consumed({0: 8, 1: 4}, expected={0: 5, 1: 4})
    assert consumed.lost() == (OffsetRange(partition=0, first=5, next=8, records=3),)
    assert consumed.ranges() == (OffsetRange(partition=0, first=5, next=8),)
    consumed.committed()
    assert (consumed.lost(), consumed.ranges()) == ((), ())


def test_what_was_found_in_the_records_is_counted_by_partition_until_the_commit():
    consumed = Consumed({0: 0})
    consumed.take([record(b"", offset=0)])
    consumed.found(0, events=20)
    consumed.found(0, events=5, duplicates=2)
    (taken,) = consumed.ranges()
    assert (taken.records, taken.events, taken.duplicates) == (1, 25, 2)
    consumed.take([record(b"", offset=1)])
    consumed.committed()
    consumed.take([record(b"", offset=2)])
    assert consumed.ranges() == (OffsetRange(partition=0, first=2, next=3, records=1, last_time=NOW_MS),)


def test_a_range_tells_how_far_the_brokers_clock_had_come():
    consumed = Consumed({0: 0, 1: 0})
    consumed.take([record(b"", offset=0, timestamp=7), record(b"", offset=1, timestamp=9)])
    consumed.take([record(b"", offset=2, timestamp=11)])
    assert [(taken.partition, taken.last_time) for taken in consumed.ranges()] == [(0, 11)]


def test_only_as_much_is_lost_as_was_once_read():
    wanted = (
        OffsetRange(partition=0, first=0, next=9, records=7),
        OffsetRange(partition=1, first=0, next=9, records=9),
    )
    assert lost_records(wanted, [Found(7, 2), Found(4, 5)]) == (OffsetRange(partition=1, first=0, next=5, records=5),)


def test_a_cut_by_memory_comes_after_one_by_size_and_before_one_by_age():
    limits: dict[str, Any] = {"flush_bytes": 100, "flush_seconds": 5.0, "memory_bytes_max": 80, "held_bytes": 10}
    assert due(largest_bytes=99, first_record_at=0.0, now=9.0, memory_bytes=70, **limits) == "memory"
    assert due(largest_bytes=100, first_record_at=0.0, now=9.0, memory_bytes=70, **limits) == "size"
    assert due(largest_bytes=99, first_record_at=0.0, now=9.0, memory_bytes=69, **limits) == "age"


@pytest.mark.parametrize(("held_bytes", "reason"), [(9, None), (10, "memory")])
def test_memory_that_a_cut_would_not_free_makes_none(held_bytes: int, reason: str | None):
    assert (
        due(
            largest_bytes=0,
            first_record_at=None,
            now=0.0,
            flush_bytes=100,
            flush_seconds=5.0,
            memory_bytes=10_000,
            held_bytes=held_bytes,
            memory_bytes_max=80,
        )
        == reason
    )


@pytest.mark.parametrize(
    ("records", "size", "wanted"),
    [
        (0, 0, 100),
        (100, 1_000, 100),  # never more at once than there are
        (2_000, 20_000, 1_000),
        (3_000, 20_000, 0),
        (100, 90_000, 11),  # a tenth of the bytes is left, and room for a record of their mean size
        (100, 99_999, 1),
        (100, 100_000, 0),
        (100, 0, 100),
    ],
)
def test_a_poll_ends_with_so_many_records_or_so_many_bytes(records: int, size: int, wanted: int):
    assert records_to_poll(records, size, records_max=3_000, bytes_max=100_000) == wanted


def test_an_upload_is_abandoned_when_it_is_old_and_nobody_names_it():
    pending = [("a", "1", 0), ("b", "2", 0), ("c", "3", 11)]
    assert abandoned(pending, {"2"}, now_ms=110, age_ms=100) == [("a", "1")]
    assert abandoned(pending, set(), now_ms=111, age_ms=100) == [("a", "1"), ("b", "2"), ("c", "3")]


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
    without_closing = projected_bytes(100_000, 1_000, 0, 1)
    assert projected_bytes(100_000, 1_000, 500, 1) - without_closing == 50_000 + 4_500 + 75
    assert projected_bytes(0, 0, 0, 0) == 0


def test_the_wait_ends_when_a_cut_by_age_is_due():
    assert seconds_until_due(10.0, 14.8, 5, idle_seconds=0.5) == pytest.approx(0.2)
    assert seconds_until_due(10.0, 99.0, 5, idle_seconds=0.5) == 0
    assert seconds_until_due(None, 99.0, 5, idle_seconds=0.5) == 0.5
