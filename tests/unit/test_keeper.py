"""Closed days become few files: the same rows, committed once, whoever dies or comes between."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest

from eyeshot.commit_log import DataFile
from eyeshot.lake.ports import StoreUnavailable
from eyeshot.table import EVENTS, REWRITTEN_PREFIX, Slot, rewritten_prefix
from services.keeper.core import NOTHING, RowsDiffer, Tally, caught_up, check_same, pays
from services.keeper.ports import Rewritten
from services.keeper.rewrite import conform, tally
from tests.builders import NOW_MS
from tests.keeper import FILES, SLOT, Rewriting, a_day_of_small_files, a_keeper, append, faults, live, rows
from tests.lake import written
from tests.unit.test_compactor_app import Rig
from tests.unit.test_live import data_file


async def test_a_closed_day_becomes_one_file_with_the_same_rows():
    rig = await a_day_of_small_files()
    before = await rows(rig.store)
    assert len(before) == 2 * FILES
    assert await a_keeper(rig.store)._step()
    (file,) = (await live(rig.store)).files(SLOT)
    assert file.key.startswith(REWRITTEN_PREFIX)
    assert await rows(rig.store) == before
    assert faults(rig.store) == ()


async def test_what_was_rejected_is_merged_too():
    rig = await a_day_of_small_files()
    for _ in range(FILES):
        async with Rig(rig.store, rig.source) as rig:
            rig.source.produce(b"garbage", partition=1, timestamp=NOW_MS)
            await rig.until(lambda rig=rig: rig.compactor._first_record_at is not None)
    keeper = a_keeper(rig.store)
    assert [await keeper._step() for _ in range(3)] == [True, True, False]
    (file,) = (await live(rig.store)).files(Slot("rejected", SLOT.day))
    assert file.rows == FILES
    assert faults(rig.store) == ()


async def test_a_merged_day_is_left_alone():
    rig = await a_day_of_small_files()
    keeper = a_keeper(rig.store)
    assert [await keeper._step(), await keeper._step()] == [True, False]
    assert keeper.trouble is None


async def test_what_came_while_the_day_was_rewritten_stays_and_is_merged_next():
    rig = await a_day_of_small_files()
    rewriter = Rewriting(rig.store)
    keeper = a_keeper(rig.store, rewriter)

    async def somebody_appends(_: float) -> None:
        rewriter.meanwhile = asyncio.sleep
        await append(rig.store, rig)

    rewriter.meanwhile = somebody_appends
    assert await keeper._step()
    assert len((await live(rig.store)).files(SLOT)) == 2
    assert faults(rig.store) == ()
    assert await keeper._step()
    assert len(await rows(rig.store)) == 2 * (FILES + 1)


async def test_of_two_keepers_one_wins_and_the_other_takes_its_files_back():
    rig = await a_day_of_small_files()
    slow = Rewriting(rig.store)

    async def the_other_is_faster(_: float) -> None:
        assert await a_keeper(rig.store)._step()

    slow.meanwhile = the_other_is_faster
    await a_keeper(rig.store, slow)._step()
    named = {file.key for file in (await live(rig.store)).files(SLOT)}
    assert named == {key for key in rig.store.objects if key.startswith(REWRITTEN_PREFIX)}
    assert len(await rows(rig.store)) == 2 * FILES
    assert faults(rig.store) == ()


async def test_a_keeper_that_dies_before_the_commit_changes_nothing():
    rig = await a_day_of_small_files()
    dying = Rewriting(rig.store)

    async def dies(_: float) -> None:
        raise asyncio.CancelledError

    dying.meanwhile = dies
    with pytest.raises(asyncio.CancelledError):
        await a_keeper(rig.store, dying)._step()
    assert len((await live(rig.store)).files(SLOT)) == FILES
    assert faults(rig.store) == ()
    assert await a_keeper(rig.store)._step()
    assert len(await rows(rig.store)) == 2 * FILES


async def test_a_rewriting_that_lost_a_row_is_thrown_away():
    rig = await a_day_of_small_files()

    class Losing(Rewriting):
        async def tally(self, files: Sequence[DataFile]) -> Tally:
            right = await super().tally(files)
            return Tally(right.rows - 1, right.checksum)

    keeper = a_keeper(rig.store, Losing(rig.store))
    assert not await keeper._step()
    assert keeper.trouble and "were read" in keeper.trouble
    assert not any(key.startswith(REWRITTEN_PREFIX) for key in rig.store.objects)
    assert len((await live(rig.store)).files(SLOT)) == FILES


async def test_a_store_that_is_away_is_trouble_and_not_the_end():
    rig = await a_day_of_small_files()

    class Away(Rewriting):
        async def rewrite(self, *_: Any) -> Rewritten:
            raise StoreUnavailable("no route")

    keeper = a_keeper(rig.store, Away(rig.store))
    assert not await keeper._step()
    assert keeper.trouble == "no route"


async def test_a_day_under_way_is_left_alone():
    rig = await a_day_of_small_files()
    keeper = a_keeper(rig.store, now_ms=NOW_MS)
    assert not await keeper._step()


def test_a_merge_pays_when_it_saves_its_share_of_the_files():
    def day(files: int, size: int = 1) -> list[DataFile]:
        return [data_file(str(number), bytes=size) for number in range(files)]

    assert pays(day(10), 100, gain_min=0.9)
    assert not pays(day(10), 100, gain_min=0.91)
    assert not pays(day(1), 100, gain_min=0.01)
    assert not pays([*day(4, size=100), *day(1)], 100, gain_min=0.01)  # every day may end with a small file
    assert pays([*day(4, size=100), *day(2)], 100, gain_min=0.01)
    assert not pays([*day(4, size=100), *day(2)], 100, gain_min=0.2)


def test_a_merge_pays_whatever_the_sizes_when_a_file_lies_where_no_query_of_the_day_looks():
    merged = data_file("merged", key=f"{rewritten_prefix(*SLOT, 'merge')}00000.parquet", bytes=100)
    repaired = data_file("repaired", bytes=100)
    assert pays([merged, repaired], 100, gain_min=1)
    assert not pays([merged], 100, gain_min=0.01)


def test_a_partition_is_caught_up_when_the_log_has_all_of_it():
    assert caught_up({0: 5, 1: 5, 2: 0}, {0: 5, 1: 4}, 1_000, 100) == {0: 900, 1: 0, 2: 900}


def test_rows_that_differ_in_one_coordinate_are_found_in_any_order():
    def table(*coordinates: tuple[int, int, int | None]) -> object:
        names = ("kafka_partition", "kafka_offset", "batch_index")
        return written(EVENTS, [dict(zip(names, each, strict=True)) for each in coordinates])

    one = tally(table((0, 1, 0), (0, 2, 1)))
    assert one == tally(table((0, 2, 1), (0, 1, 0)))
    assert one == tally(table((0, 1, 0))).plus(tally(table((0, 2, 1))))
    assert one != tally(table((0, 1, 1), (0, 2, 0)))
    assert one != tally(table((0, 1, 0), (0, 1, 0)))
    check_same(one, one, SLOT)
    with pytest.raises(RowsDiffer, match="2 rows"):
        check_same(one, NOTHING, SLOT)


def test_a_file_of_an_older_schema_reads_null_in_the_new_column_and_milliseconds():
    old = written(EVENTS, [{"kafka_offset": 7, "event_time": NOW_MS}]).drop_columns(["suspect"])
    old = old.set_column(old.column_names.index("event_time"), "event_time", old["event_time"].cast("timestamp[us]"))
    (row,) = conform(old, "events").select(["kafka_offset", "suspect", "event_time"]).to_pylist()
    assert (row["kafka_offset"], row["suspect"]) == (7, None)
    assert row["event_time"].timestamp() * 1000 == NOW_MS


def test_a_column_of_a_newer_compactor_is_not_merged_away():
    newer = pa.table({"kafka_offset": [1], "a_newer_field": ["spring"]})
    with pytest.raises(RowsDiffer, match="not declared here: a_newer_field"):
        conform(newer, "events")
