"""Days move to colder tiers as they grow old: the same rows, at the right time, whoever comes between."""

from datetime import timedelta
from typing import Any

from eyeshot import metrics
from eyeshot.lake.ports import StoreUnavailable
from eyeshot.live import location
from eyeshot.table import rewritten_prefix
from eyeshot.tier import Tier
from services.keeper.chosen import Site
from services.keeper.erase import run
from services.keeper.eraser import Eraser
from tests.audit.lakes import A_DAY_MS
from tests.builders import NOW_MS, batch, encoded
from tests.keeper import (
    FILES,
    SLOT,
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
from tests.unit.test_keeper_ages import days_after


async def tiers_of(store: MemoryStore) -> list[str]:
    return [file.tier for file in (await live(store)).files(SLOT)]


def data_in(store: MemoryStore, tier: Tier) -> list[str]:
    return [key for key in store.tiers[tier].objects if key.startswith(("events/", "rewritten/"))]


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
