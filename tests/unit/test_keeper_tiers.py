"""Days move to colder tiers as they grow old: the same rows, at the right time, whoever comes between."""

from datetime import timedelta
from typing import Any

import pytest

from eyeshot import metrics
from eyeshot.commit_log import DataFile
from eyeshot.lake.ports import StoreUnavailable
from eyeshot.live import location
from eyeshot.settings import SettingError, load
from eyeshot.table import Slot, day_end_ms, rewritten_prefix
from eyeshot.tier import TIERS, Address, Tier, bucket_of, coldest
from services.keeper.chosen import Site
from services.keeper.erase import run
from services.keeper.eraser import Eraser
from services.keeper.settings import Keeper as Settings
from services.keeper.settings import KeeperSettings
from services.keeper.tiers import NEVER, Ages, Move, due, moved_at, shares, tier_of, to_move
from tests.audit.lakes import A_DAY_MS
from tests.builders import NOW_MS, batch, encoded
from tests.keeper import (
    FILES,
    SLOT,
    UTC_ZONE,
    Rewriting,
    a_day_of_small_files,
    a_keeper,
    append,
    days,
    faults,
    live,
    rows,
)
from tests.twins import MemoryStore
from tests.unit.test_live import data_file, manifest
from tests.unit.test_live import live as table_of
from tests.unit.test_settings import ENVIRONMENT

END = day_end_ms(SLOT.day, UTC_ZONE)
AGES = Ages(90, 365)


def days_after(number: float) -> int:
    """So many days after the day's end, epoch ms."""
    return END + round(number * A_DAY_MS)


def file_in(tier: Tier, name: str = "a") -> DataFile:
    key = None if tier == "hot" else f"{rewritten_prefix(*SLOT, name)}00000.parquet"
    return data_file(name, day=SLOT.day, key=key, tier=tier)


async def tiers_of(store: MemoryStore) -> list[str]:
    return [file.tier for file in (await live(store)).files(SLOT)]


def data_in(store: MemoryStore, tier: Tier) -> list[str]:
    return [key for key in store.tiers[tier].objects if key.startswith(("events/", "rewritten/"))]


@pytest.mark.parametrize(
    ("now_ms", "ages", "tier"),
    [
        (days_after(90) - 1, AGES, "hot"),
        (days_after(90), AGES, "warm"),
        (days_after(365) - 1, AGES, "warm"),
        (days_after(365), AGES, "cold"),
        (days_after(36_500), Ages(90, 0), "warm"),
        (days_after(364), Ages(0, 365), "hot"),
        (days_after(365), Ages(0, 365), "cold"),
        (days_after(36_500), NEVER, "hot"),
    ],
)
def test_a_day_is_due_in_a_tier_at_the_edge_of_its_age(now_ms: int, ages: Ages, tier: Tier):
    assert due(SLOT.day, UTC_ZONE, now_ms, ages) == tier


@pytest.mark.parametrize(
    ("there", "now_days", "wanted"),
    [
        (["hot"], 89, None),
        (["hot"], 90, "warm"),
        (["hot"], 365, "cold"),  # one that was forgotten for long skips a tier
        (["warm"], 364, None),
        (["warm"], 365, "cold"),
        (["cold"], 36_500, None),
        (["cold"], 90, None),  # what was moved by other settings stays
        (["cold", "hot"], 90, "cold"),  # a repair's file follows its day
        (["warm", "hot"], 1, None),  # that is for a merge
    ],
)
def test_a_day_moves_to_colder_tiers_alone(there: list[Tier], now_days: int, wanted: Tier | None):
    files = [file_in(tier, f"{tier}{number}") for number, tier in enumerate(there)]
    moves = to_move(table_of(manifest(0, *files)), [SLOT], UTC_ZONE, days_after(now_days), AGES)
    assert moves == ([Move(SLOT, wanted)] if wanted else [])


def test_a_day_that_is_not_closed_does_not_move():
    assert to_move(table_of(manifest(0, file_in("hot"))), [], UTC_ZONE, days_after(999), AGES) == []


def test_the_bucket_of_a_tier_has_its_name():
    assert [bucket_of(tier, "lake") for tier in TIERS] == ["lake", "lake-warm", "lake-cold"]
    assert coldest([]) == tier_of([]) == "hot"


def test_what_lies_in_each_tier_and_what_leaves_it_next_is_told():
    later = Slot("events", SLOT.day + timedelta(days=1))
    files = [file_in("hot"), data_file("b", day=later.day), data_file("c", day=later.day)]
    hot, warm, cold = shares(table_of(manifest(0, *files)), UTC_ZONE, AGES)
    assert (hot.days, hot.files, hot.bytes) == (2, 3, 30)
    assert hot.next == (Move(SLOT, "warm"), days_after(90))
    assert (warm.days, warm.next, cold.next) == (0, None, None)
    (_, warm, _) = shares(table_of(manifest(0, file_in("warm"))), UTC_ZONE, AGES)
    assert warm.next == (Move(SLOT, "cold"), moved_at(SLOT.day, "cold", UTC_ZONE, AGES))
    assert shares(table_of(manifest(0, *files)), UTC_ZONE, NEVER)[0].next is None


async def test_a_day_goes_from_hot_to_warm_to_cold_with_the_same_rows():
    rig = await a_day_of_small_files()
    before = await rows(rig.store)
    for age, tier in ((90, "warm"), (365, "cold")):
        keeper = a_keeper(rig.store, now_ms=days_after(age))
        assert [await keeper._step(), await keeper._step()] == [True, False]
        assert await tiers_of(rig.store) == [tier]  # and in one file
        assert location((await live(rig.store)).files(SLOT), SLOT).tier == tier
        assert await rows(rig.store) == before
        assert faults(rig.store) == ()
    assert [each.kind for each in rig.manifests()[FILES:]] == ["tier", "tier"]


async def test_what_a_move_replaced_stays_for_the_partitioner_to_delete():
    rig = await a_day_of_small_files()
    small = data_in(rig.store, "hot")
    assert await a_keeper(rig.store, now_ms=days_after(90))._step()
    (moved,) = data_in(rig.store, "warm")
    assert await a_keeper(rig.store, now_ms=days_after(365))._step()
    assert data_in(rig.store, "hot") == small
    assert data_in(rig.store, "warm") == [moved]


async def test_where_the_store_moves_objects_the_keeper_moves_none_and_merges_on():
    rig = await a_day_of_small_files()
    keeper = a_keeper(rig.store, now_ms=days_after(999), tiers="native")
    assert [await keeper._step(), await keeper._step()] == [True, False]
    assert await tiers_of(rig.store) == ["hot"]
    assert rig.manifests()[-1].kind == "merge"


async def test_a_merge_that_somebody_waits_for_comes_before_a_move():
    rig = await a_day_of_small_files()
    for _ in range(FILES):
        rig = await append_at(rig, NOW_MS + 200 * A_DAY_MS)
    keeper = a_keeper(rig.store, now_ms=days_after(202))
    assert [await keeper._step() for _ in range(3)] == [True, True, False]
    assert [each.kind for each in rig.manifests()[-2:]] == ["merge", "tier"]
    assert faults(rig.store) == ()


async def append_at(rig: Any, timestamp: int) -> Any:
    async with type(rig)(rig.store, rig.source) as more:
        more.produce(events=2, timestamp=timestamp)
        await more.until(lambda: more.compactor._first_record_at is not None)
    return more


async def test_a_merge_and_an_erasure_of_a_cold_day_stay_in_its_tier(capsys: Any):
    rig = await a_day_of_small_files()
    assert await a_keeper(rig.store, now_ms=days_after(365))._step()
    rig = await append(rig.store, rig)  # a file that comes late, as a repair's does, lies where no query looks
    assert await a_keeper(rig.store, now_ms=days_after(30))._step()
    assert rig.manifests()[-1].kind == "merge"
    assert await tiers_of(rig.store) == ["cold"]
    assert len(await rows(rig.store)) == 2 * (FILES + 1)

    eraser = Eraser(days=days(rig.store), rewriter=Rewriting(rig.store))
    rig = await another_sites_event(rig)
    assert await run(eraser, Site("demo", SLOT.day + timedelta(days=1)), apply=True) == 0
    assert "8 rows erased, 0 left" in capsys.readouterr().out
    assert await tiers_of(rig.store) == ["cold"]
    assert len(await rows(rig.store)) == 1
    assert faults(rig.store) == ()


async def another_sites_event(rig: Any) -> Any:
    async with type(rig)(rig.store, rig.source) as more:
        more.source.produce(encoded(batch(n=900, s="other")), partition=0, timestamp=NOW_MS)
        await more.until(lambda: more.compactor._first_record_at is not None)
    return more


async def test_a_copy_that_lost_a_row_is_thrown_away_and_the_day_stays():
    rig = await a_day_of_small_files()

    class Losing(Rewriting):
        async def tally(self, files: Any) -> Any:
            right = await super().tally(files)
            return right._replace(rows=right.rows - 1)

    keeper = a_keeper(rig.store, Losing(rig.store), now_ms=days_after(90))
    assert not await keeper._step()
    assert keeper.trouble and "were read" in keeper.trouble
    assert data_in(rig.store, "warm") == []
    assert await tiers_of(rig.store) == ["hot"] * FILES


async def test_of_two_keepers_one_moves_the_day_and_the_other_takes_its_copy_back():
    rig = await a_day_of_small_files()
    slow = Rewriting(rig.store)

    async def the_other_is_faster(_: float) -> None:
        assert await a_keeper(rig.store, now_ms=days_after(90))._step()

    slow.meanwhile = the_other_is_faster
    await a_keeper(rig.store, slow, now_ms=days_after(90))._step()
    (file,) = (await live(rig.store)).files(SLOT)
    assert data_in(rig.store, "warm") == [file.key]
    assert faults(rig.store) == ()


async def test_a_copy_that_nobody_committed_is_removed_from_its_tier_at_its_age():
    rig = await a_day_of_small_files()
    left = days(rig.store)
    await left.read_on()
    day = left.replacement(SLOT)
    await Rewriting(rig.store).rewrite(SLOT, day.before, day.nonce, "cold")
    keeper = a_keeper(rig.store, monotonic=iter([0.0, 110.0]).__next__, sweep_seconds=100, gain_min=1)
    await keeper._step()
    assert data_in(rig.store, "cold")
    await keeper._step()
    assert not data_in(rig.store, "cold")
    assert len(await rows(rig.store)) == 2 * FILES


async def test_an_upload_into_a_colder_tier_that_was_never_finished_is_aborted_at_its_age():
    rig = await a_day_of_small_files()
    warm, now = rig.store.tiers["warm"], NOW_MS + 2 * A_DAY_MS
    for warm.now_ms in (now - 100_001, now - 100_000):
        await warm.start_upload(f"{rewritten_prefix(*SLOT, 'dead')}{warm.now_ms}.parquet")
    keeper = a_keeper(rig.store, sweep_seconds=100, gain_min=1)
    await keeper._step()
    assert [each.started_at for each in await warm.pending_uploads("")] == [now - 100_000]


async def test_a_store_that_lists_no_uploads_keeps_no_day_from_being_moved():
    rig = await a_day_of_small_files()

    class ListsNone(Rewriting):
        async def abort(self, before_ms: int) -> int:
            raise StoreUnavailable("501")

    assert await a_keeper(rig.store, ListsNone(rig.store), now_ms=days_after(90))._step()
    assert await tiers_of(rig.store) == ["warm"]


async def test_a_compactor_that_recovers_misses_no_file_of_a_tier_that_it_cannot_see():
    rig = await a_day_of_small_files()
    assert await a_keeper(rig.store, now_ms=days_after(90))._step()
    (file,) = (await live(rig.store)).files(SLOT)
    lost = metrics.FILES_LOST._value.get()
    rig = await append(rig.store, rig)
    assert metrics.FILES_LOST._value.get() == lost
    assert [each.kind for each in rig.manifests()[FILES:]] == ["tier", "append"]
    assert rig.manifests()[-1].published_through == FILES
    assert file.key not in rig.store.objects


async def test_the_audit_finds_a_file_in_another_tier_than_its_own():
    rig = await a_day_of_small_files()
    assert await a_keeper(rig.store, now_ms=days_after(90))._step()
    (file,) = (await live(rig.store)).files(SLOT)
    warm, cold = rig.store.tiers["warm"], rig.store.tiers["cold"]
    await cold.put(file.key, warm.objects[file.key])
    assert [(each.kind, each.where) for each in faults(rig.store)] == [("wrong tier", file.key)]
    await warm.delete(file.key)
    assert {each.kind for each in faults(rig.store)} == {
        "wrong tier",
        "deleted object",
        "missing offsets",
        "wrong count",
    }


def test_where_a_file_lies_is_its_address():
    assert file_in("cold", "c").address == Address("cold", f"{rewritten_prefix(*SLOT, 'c')}00000.parquet")


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        (
            {"KEEPER_COLD_DAYS": "90"},
            "KEEPER_COLD_DAYS is 90, but must be more than KEEPER_WARM_DAYS, which is 90, or 0",
        ),
        ({"KEEPER_WARM_DAYS": "365"}, "KEEPER_COLD_DAYS is 365, but must be more than KEEPER_WARM_DAYS"),
        ({"KEEPER_TIERS": "magic"}, "KEEPER_TIERS is `magic`, but must be"),
        ({"KEEPER_WARM_CLASS": "GLACIER"}, "KEEPER_WARM_CLASS is `GLACIER`, whose objects must be restored"),
        ({"KEEPER_COLD_CLASS": "DEEP_ARCHIVE"}, "KEEPER_COLD_CLASS is `DEEP_ARCHIVE`, whose objects must be restored"),
    ],
)
def test_tiers_that_cannot_be_are_refused_and_named(variables: dict[str, str], complaint: str):
    with pytest.raises(SettingError, match=complaint):
        load(KeeperSettings, ENVIRONMENT | variables)


def test_each_tier_can_be_left_out():
    assert Settings(warm_days=0).ages == Ages(0, 365)
    assert Settings(cold_days=0).ages == Ages(90, 0)
    assert Settings(cold_days=91).ages == Ages(90, 91)
    assert Settings(tiers="native").ages == NEVER
