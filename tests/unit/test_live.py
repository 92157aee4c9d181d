"""What the log says is in the table, and when a day is over."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from eyeshot.commit_log import DataFile, Manifest, OffsetRange, Replaced
from eyeshot.live import LiveTable, caught_up, location
from eyeshot.table import Slot, file_key, rewritten_prefix

DAY = date(2026, 11, 24)
SLOT = Slot("events", DAY)
UTC_ZONE = ZoneInfo("UTC")
MIDNIGHT = round(datetime(2026, 11, 25, tzinfo=UTC).timestamp() * 1000)


def data_file(name: str, *, key: str | None = None, day: date = DAY, **changes: Any) -> DataFile:
    values: dict[str, Any] = {
        "upload_id": name,
        "part_etags": (),
        "rows": 1,
        "bytes": 10,
        "record_time_min": 0,
        "record_time_max": 0,
    }
    return DataFile(table="events", key=key or file_key("events", day, name), day=day, **(values | changes))


def manifest(sequence: int, *files: DataFile, **changes: Any) -> Manifest:
    values: dict[str, Any] = {
        "nonce": f"nonce{sequence}",
        "topic": "events",
        "topic_id": "id",
        "created_at": 0,
        "reason": "age",
        "previous": "",
        "published_through": -1,
        "next_offsets": {0: 1},
    }
    return Manifest(sequence=sequence, files=files, **(values | changes))


def taken(partition: int, last_time: int | None) -> OffsetRange:
    return OffsetRange(partition=partition, first=0, next=1, records=1, last_time=last_time)


def live(*manifests: Manifest) -> LiveTable:
    table = LiveTable()
    for each in manifests:
        table.append(each)
    return table


def keys(table: LiveTable) -> list[str]:
    return [file.upload_id for file in table.files(SLOT)]


def test_who_appends_a_manifest_learns_what_it_took_out():
    table = live(manifest(0, data_file("a"), data_file("b")))
    assert table.append(manifest(1, data_file("c"))) == []
    gone = table.append(manifest(2, removed=(data_file("a").key,)))
    assert [file.upload_id for file in gone] == ["a"]
    gone = table.append(manifest(3, replaced=(Replaced(table="events", day=DAY, through=2),)))
    assert sorted(file.upload_id for file in gone) == ["b", "c"]
    assert table.days() == []


def test_a_replaced_day_keeps_what_came_after_it_was_read():
    new = data_file("new", key=f"{rewritten_prefix('events', DAY, 'm')}0.parquet")
    late = manifest(2, data_file("late"))
    merge = manifest(3, new, replaced=(Replaced(table="events", day=DAY, through=1),))
    table = live(manifest(0, data_file("a")), manifest(1, data_file("b")), late, merge)
    assert sorted(keys(table)) == ["late", "new"]
    assert location(table.files(SLOT), SLOT) == ("hot", rewritten_prefix("events", DAY, "m"))


def test_only_the_named_day_is_replaced():
    other = date(2026, 11, 23)
    merge = manifest(1, replaced=(Replaced(table="events", day=DAY, through=0),))
    table = live(manifest(0, data_file("a"), data_file("b", day=other)), merge)
    assert table.days() == [Slot("events", other)]


def test_removed_files_are_the_tables_no_more():
    gone = data_file("a")
    assert keys(live(manifest(0, gone), manifest(1, data_file("b"), removed=(gone.key,)))) == ["b"]


def test_a_gap_in_the_log_is_refused():
    with pytest.raises(ValueError, match="does not follow 0"):
        live(manifest(0), manifest(2))


def test_a_day_is_closed_once_every_partition_is_past_its_end():
    def closed(*last_times: int, caught_up: dict[int, int] | None = None) -> bool:
        consumed = tuple(taken(partition, time) for partition, time in enumerate(last_times))
        offsets = dict.fromkeys(range(len(last_times)), 1)
        table = live(manifest(0, data_file("a"), consumed=consumed, next_offsets=offsets))
        return table.is_closed(SLOT, UTC_ZONE, caught_up or {})

    assert closed(MIDNIGHT, MIDNIGHT)
    assert not closed(MIDNIGHT, MIDNIGHT - 1)
    assert closed(MIDNIGHT, MIDNIGHT - 1, caught_up={1: MIDNIGHT})
    assert not closed(MIDNIGHT, MIDNIGHT - 1, caught_up={1: MIDNIGHT - 1})
    assert not closed(MIDNIGHT, caught_up={1: 0})  # a partition that the log does not know yet


def test_a_day_ends_when_its_zone_says_so():
    table = live(manifest(0, data_file("a"), consumed=(taken(0, MIDNIGHT),)))
    assert not table.is_closed(SLOT, ZoneInfo("America/New_York"), {})
    assert table.is_closed(SLOT, ZoneInfo("Asia/Kolkata"), {})


def test_a_partition_is_caught_up_when_the_log_has_all_of_it():
    assert caught_up({0: 5, 1: 5, 2: 0}, {0: 5, 1: 4}, 1_000, 100) == {0: 900, 1: 0, 2: 900}


def test_a_days_number_is_that_of_the_newest_manifest_that_put_a_file_into_it_or_took_one_out():
    other, gone = Slot("events", date(2026, 11, 23)), data_file("b")
    table = live(manifest(0, data_file("a"), gone), manifest(1, data_file("c", day=other.day)))
    assert (table.number(SLOT), table.number(other), table.number(Slot("events", date(2000, 1, 1)))) == (0, 1, -1)
    table.append(manifest(2, removed=(gone.key,)))
    assert (table.number(SLOT), table.number(other), table.rows(SLOT)) == (2, 1, 1)
    table.append(manifest(3, replaced=(Replaced(table="events", day=DAY, through=2),)))
    assert (table.number(SLOT), table.rows(SLOT), table.days()) == (3, 0, [other])
    assert table.numbered("events") == [other.day, DAY]
