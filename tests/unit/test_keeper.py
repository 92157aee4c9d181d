"""Closed days become few files: the same rows, committed once, whoever dies or comes between."""

import asyncio
import io
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from eyeshot.commit_log import DataFile
from eyeshot.lake.log import CommitLog
from eyeshot.lake.ports import StoreUnavailable
from eyeshot.live import LiveTable, location
from eyeshot.table import EVENTS, REWRITTEN_PREFIX, Slot, day_of
from services.audit.core import Fault
from services.keeper.app import Keeper
from services.keeper.core import NOTHING, RowsDiffer, Tally, caught_up, check_same, pays
from services.keeper.ports import Rewritten
from services.keeper.rewrite import ParquetRewriter, conform, tally
from services.keeper.settings import Keeper as Settings
from tests.audit.lakes import A_DAY_MS, InMemory, MemoryLake, audited
from tests.builders import NOW_MS
from tests.lake import written
from tests.twins import MemoryStore
from tests.unit.test_compactor_app import Rig
from tests.unit.test_live import data_file

UTC_ZONE = ZoneInfo("UTC")
SLOT = Slot("events", day_of(NOW_MS, UTC_ZONE))
MIB = 1024 * 1024
NONCES = count()
FILES = 3


class FixedTopic:
    """A topic of which everything is in the log."""

    async def ends(self) -> dict[int, int]:
        return {0: 0, 1: 0}


class Rewriting(ParquetRewriter):
    """The real rewriter, which lets something happen between reading and committing."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store, file_bytes=MIB, row_group_rows=1_000, part_bytes=5 * MIB)
        self.meanwhile: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def tally(self, files: Sequence[DataFile]) -> Tally:
        await self.meanwhile(0)
        return await super().tally(files)


def a_keeper(store: MemoryStore, rewriter: ParquetRewriter | None = None) -> Keeper:
    return Keeper(
        log=CommitLog(store),
        topic=FixedTopic(),
        rewriter=rewriter or Rewriting(store),
        settings=Settings(file_bytes=MIB, clock_seconds_max=0),
        zone=UTC_ZONE,
        epoch_ms=lambda: NOW_MS + 2 * A_DAY_MS,
        new_nonce=lambda: f"merge{next(NONCES)}",
    )


async def append(store: MemoryStore, source: Rig | None = None, events: int = 2) -> Rig:
    """One more file of the day, by a compactor that comes and goes."""
    rig = Rig(store, source.source if source else None)
    async with rig:
        rig.produce(events=events)
        await rig.until(lambda: rig.compactor._first_record_at is not None)
    return rig


async def a_day_of_small_files() -> Rig:
    rig = await append(MemoryStore())
    for _ in range(FILES - 1):
        rig = await append(rig.store, rig)
    return rig


async def live(store: MemoryStore) -> LiveTable:
    table = LiveTable()
    async for manifest in CommitLog(store).manifests_after(-1):
        table.append(manifest)
    return table


def faults(store: MemoryStore) -> tuple[Fault, ...]:
    """What the audit finds, every row's coordinates included."""
    vandal = InMemory()
    vandal.store, vandal.lake = store, MemoryLake(store)
    return audited(vandal, deep=True).faults


async def rows(store: MemoryStore) -> list[tuple[int, int]]:
    """What a query finds in the day's folder, once the metastore knows where it is."""
    folder = location((await live(store)).files(SLOT), SLOT)
    found: list[tuple[int, int]] = []
    for key, body in store.objects.items():
        if key.rpartition("/")[0] + "/" == folder:
            columns = pq.read_table(io.BytesIO(body))
            found += zip(columns["kafka_offset"].to_pylist(), columns["batch_index"].to_pylist(), strict=True)
    return sorted(found)


async def test_a_closed_day_becomes_one_file_with_the_same_rows():
    rig = await a_day_of_small_files()
    before = await rows(rig.store)
    assert len(before) == 2 * FILES
    assert await a_keeper(rig.store)._step()
    (file,) = (await live(rig.store)).files(SLOT)
    assert file.key.startswith(REWRITTEN_PREFIX)
    assert await rows(rig.store) == before
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
        async def merge(self, slot: Slot, files: Sequence[DataFile], nonce: str) -> Rewritten:
            raise StoreUnavailable("no route")

    keeper = a_keeper(rig.store, Away(rig.store))
    assert not await keeper._step()
    assert keeper.trouble == "no route"


async def test_a_day_under_way_is_left_alone():
    rig = await a_day_of_small_files()
    keeper = a_keeper(rig.store)
    keeper._epoch_ms = lambda: NOW_MS
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
