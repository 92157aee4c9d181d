"""Rewritings that meet in the log, that nobody committed, and days whose retention is over."""

import json

import pytest

from eyeshot.commit_log import MANIFEST_BYTES_MAX
from eyeshot.table import day_end_ms
from services.keeper.core import FOLDERS_MAX, Leftovers
from tests.audit.lakes import A_DAY_MS
from tests.builders import NOW_MS
from tests.keeper import (
    FILES,
    SLOT,
    UTC_ZONE,
    Interrupted,
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


async def test_a_rewriter_that_read_the_log_earlier_and_commits_in_between_is_noticed():
    rig = await a_day_of_small_files()
    early = days(rig.store)
    await early.read_on()
    its_day = early.replacement(SLOT)
    assert await days(rig.store).give_up(["rewritten/nobodys/"])  # moves the log on, and touches no day
    rewritten = await Rewriting(rig.store).rewrite(SLOT, early.live.files(SLOT), its_day.nonce, "hot")

    store = Interrupted(rig.store)
    late = days(store)
    await late.read_on()
    store.meanwhile = lambda: early.replace(its_day._replace(files=rewritten.files), "merge", "merge")
    mine = late.replacement(SLOT)
    again = await Rewriting(rig.store).rewrite(SLOT, late.live.files(SLOT), mine.nonce, "hot")
    assert mine.through > its_day.through
    assert await late.replace(mine._replace(files=again.files), "merge", "merge") is None
    assert [file.key for file in (await live(rig.store)).files(SLOT)] == [file.key for file in rewritten.files]


async def leave_a_rewriting(store: MemoryStore) -> str:
    """What a keeper that died before its commit leaves; its folder."""
    left = days(store)
    await left.read_on()
    day = left.replacement(SLOT)
    await Rewriting(store).rewrite(SLOT, day.before, day.nonce, "hot")
    return day.folder


def in_folder(store: MemoryStore, folder: str) -> list[str]:
    return [key for key in store.objects if key.startswith(folder)]


async def test_a_rewriting_that_nobody_committed_is_removed_at_its_age_and_no_committed_one():
    rig = await a_day_of_small_files()
    assert await a_keeper(rig.store)._step()
    folder = await leave_a_rewriting(rig.store)
    clock = iter([0.0, 99.9, 110.0]).__next__
    keeper = a_keeper(rig.store, monotonic=clock, sweep_seconds=100)
    await keeper._step()
    await keeper._step()
    assert in_folder(rig.store, folder)
    await keeper._step()
    assert not in_folder(rig.store, folder)
    assert len(await rows(rig.store)) == 2 * FILES
    assert faults(rig.store) == ()


async def test_a_rewriting_that_left_the_table_again_is_not_the_keepers_to_remove():
    rig = await a_day_of_small_files()
    assert await a_keeper(rig.store)._step()
    (merged,) = (await live(rig.store)).files(SLOT)
    clock = iter([0.0, 200.0, 400.0]).__next__
    keeper = a_keeper(rig.store, monotonic=clock, sweep_seconds=100, retention_days=1, now_ms=NOW_MS + 9 * A_DAY_MS)
    for _ in range(3):
        await keeper._step()
    assert (await live(rig.store)).files(SLOT) == []
    assert merged.key in rig.store.objects


async def test_a_keeper_that_wakes_after_its_rewriting_was_given_up_does_not_commit_it():
    rig = await a_day_of_small_files()

    async def given_up_and_removed() -> None:
        keeper = a_keeper(rig.store, monotonic=iter([0.0, 200.0]).__next__, sweep_seconds=100, gain_min=1)
        await keeper._step()
        await keeper._step()

    store = Interrupted(rig.store)
    late = days(store)
    await late.read_on()
    day = late.replacement(SLOT)
    rewritten = await Rewriting(rig.store).rewrite(SLOT, day.before, day.nonce, "hot")
    store.meanwhile = given_up_and_removed  # between its last look at the log and its commit
    assert await late.replace(day._replace(files=rewritten.files), "merge", "merge") is None
    assert in_folder(rig.store, day.folder) == []
    assert len((await live(rig.store)).files(SLOT)) == FILES
    assert faults(rig.store) == ()


async def test_a_rewriting_that_is_committed_while_it_is_given_up_stays():
    rig = await a_day_of_small_files()
    late = days(rig.store)
    await late.read_on()
    day = late.replacement(SLOT)
    rewritten = await Rewriting(rig.store).rewrite(SLOT, day.before, day.nonce, "hot")
    store = Interrupted(rig.store)
    store.meanwhile = lambda: late.replace(day._replace(files=rewritten.files), "merge", "merge")
    assert not await days(store).give_up([day.folder])
    assert [file.key for file in (await live(rig.store)).files(SLOT)] == [file.key for file in rewritten.files]
    assert faults(rig.store) == ()


@pytest.mark.parametrize(("since_its_end", "stays"), [(30 * A_DAY_MS - 1, True), (30 * A_DAY_MS, False)])
async def test_a_day_is_deleted_when_its_retention_is_over(since_its_end: int, stays: bool):
    rig = await a_day_of_small_files()
    end = day_end_ms(SLOT.day, UTC_ZONE)
    keeper = a_keeper(rig.store, retention_days=30, gain_min=1, now_ms=end + since_its_end)
    assert await keeper._step() is not stays
    table = await live(rig.store)
    assert (len(table.files(SLOT)), faults(rig.store)) == (FILES if stays else 0, ())


async def test_without_a_retention_no_day_is_ever_deleted():
    rig = await a_day_of_small_files()
    assert not await a_keeper(
        rig.store, gain_min=1, warm_days=0, cold_days=0, now_ms=NOW_MS + 36_500 * A_DAY_MS
    )._step()
    assert len((await live(rig.store)).files(SLOT)) == FILES


async def test_a_rewriting_that_the_store_lost_is_not_made_again_from_kafka():
    rig = await a_day_of_small_files()
    assert await a_keeper(rig.store)._step()
    (merged,) = (await live(rig.store)).files(SLOT)
    await rig.store.delete(merged.key)
    rig = await append(rig.store, rig)
    assert [manifest.kind for manifest in rig.manifests()] == ["append"] * FILES + ["merge", "append"]
    assert [(fault.kind, fault.where) for fault in faults(rig.store) if fault.kind == "deleted object"] == [
        ("deleted object", merged.key)
    ]


def test_a_manifest_gives_up_no_more_rewritings_than_it_can_name():
    leftovers = Leftovers(age_seconds=10)
    folders = [f"rewritten/events/year=2026/month=11/day=24/{number:024x}/" for number in range(FOLDERS_MAX + 1)]
    assert leftovers.due(folders, 0) == []
    assert leftovers.due(folders, 9.9) == []
    due = leftovers.due(folders, 10)
    assert due == folders[:FOLDERS_MAX]
    assert len(json.dumps(due, indent=1)) < MANIFEST_BYTES_MAX
    leftovers.due([], 10)
    assert leftovers.due(folders, 11) == []  # one that was gone meanwhile is seen anew
