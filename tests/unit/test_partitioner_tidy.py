"""What replaced files are deleted, and when."""

import pytest

from services.partitioner.core import Registered, is_due
from services.partitioner.places import Place
from tests.partitioner import DAY, GRACE_SECONDS, NAME, NOW_MS, OWN, Rig, rewritten
from tests.unit.test_live import data_file

STRANGER = "events/year=2025/month=11/day=18/nobody-named-me.parquet"


async def a_merged_day() -> tuple[Rig, set[str]]:
    """The rig, and the keys that the merge replaced."""
    rig = Rig()
    old = {rig.append("a"), rig.append("b"), rig.append("c")}
    rig.data.keys.add(STRANGER)
    rig.rewrite()
    await rig.step()
    return rig, old


async def test_replaced_files_are_deleted_when_the_grace_is_over_and_nothing_else():
    rig, old = await a_merged_day()
    kept = rig.data.keys - old
    await rig.step(seconds=GRACE_SECONDS - 0.001)
    assert old < rig.data.keys
    await rig.step(seconds=10)
    assert rig.data.keys == kept
    assert STRANGER in kept


async def test_the_grace_begins_with_the_swap_not_with_the_manifest():
    rig = Rig()
    old = rig.append()
    await rig.step()
    rig.rewrite()
    rig.metastore.away = True
    await rig.step(seconds=2 * GRACE_SECONDS)
    rig.metastore.away = False
    await rig.step(seconds=1)
    await rig.step(seconds=GRACE_SECONDS - 1)
    assert old in rig.data.keys
    await rig.step(seconds=10)
    assert old not in rig.data.keys


async def test_nothing_is_deleted_while_the_metastore_points_elsewhere():
    rig, old = await a_merged_day()
    rig.metastore.tables["events"][NAME] = Registered(OWN)  # by hand, and not seen yet
    await rig.step(seconds=GRACE_SECONDS + 1)
    assert old < rig.data.keys


async def test_a_dropped_days_files_go_when_the_grace_is_over():
    rig = Rig()
    keys = {rig.append("a"), rig.append("b")}
    rig.erase()
    await rig.step()
    await rig.step(seconds=GRACE_SECONDS - 1)
    assert keys <= rig.data.keys
    await rig.step(seconds=10)
    assert not keys & rig.data.keys


async def test_a_rewriting_that_was_rewritten_goes_too():
    rig, _ = await a_merged_day()
    rig.rewrite("again")
    await rig.step()
    await rig.step(seconds=GRACE_SECONDS + 10)
    assert rig.data.keys == {STRANGER, f"{rewritten('again').removeprefix('s3://lake/')}/00000.parquet"}


async def test_a_file_that_a_repair_took_out_of_the_days_own_folder_goes():
    rig = Rig()
    lost = rig.append("lost")
    rig.log.commit(data_file("repaired", day=DAY), kind="repair", removed=(lost,))
    await rig.step(seconds=GRACE_SECONDS)
    assert lost not in rig.data.keys


async def test_with_nothing_to_delete_nothing_is_listed_and_else_once_in_its_time():
    rig, _ = await a_merged_day()
    assert rig.data.listed == []
    await rig.step(seconds=GRACE_SECONDS)
    assert set(rig.data.listed) == {"events/", "rejected/", "rewritten/"}
    listings = len(rig.data.listed)
    await rig.step(seconds=1_000)
    assert len(rig.data.listed) == listings


async def test_one_that_begins_anew_deletes_what_is_left():
    rig, old = await a_merged_day()
    rig.data.keys.discard(next(iter(old)))
    rig.begin()
    await rig.step(seconds=GRACE_SECONDS)
    assert not old & rig.data.keys


async def test_a_store_that_refuses_keeps_no_day_from_being_registered_and_is_told_of():
    rig, old = await a_merged_day()
    rig.data.refused = True
    await rig.step(seconds=GRACE_SECONDS)
    assert rig.partitioner.trouble == "denied"
    rig.log.commit(data_file("b", day=rig.today.replace(day=1)))
    await rig.step(seconds=1)
    assert rig.partitioner.trouble == "denied"
    assert "year=2025/month=11/day=01" in rig.metastore.tables["events"]
    rig.data.refused = False
    await rig.step(seconds=11)
    assert not old & rig.data.keys
    assert rig.partitioner.trouble is None


MOVED = Place(rewritten(), 7, NOW_MS)
THERE = Registered(rewritten(), 7, NOW_MS)


@pytest.mark.parametrize(
    ("place", "there", "taken_at", "due"),
    [
        (MOVED, THERE, NOW_MS, True),
        (MOVED, THERE._replace(located_at=NOW_MS + 1), NOW_MS, False),
        (MOVED, THERE._replace(located_at=None), NOW_MS, False),
        (MOVED, THERE._replace(manifest=6), NOW_MS, False),
        (MOVED, THERE._replace(location=OWN), NOW_MS, False),
        (MOVED, THERE, NOW_MS + 1, False),
        (MOVED, None, NOW_MS, False),
        (MOVED._replace(location=None), None, NOW_MS, True),
        (MOVED._replace(location=None), None, NOW_MS + 1, False),
        (MOVED._replace(location=None), THERE, NOW_MS, False),
        (None, None, NOW_MS, True),
    ],
)
def test_a_file_is_due_at_the_edge_of_its_grace_where_the_log_and_the_metastore_agree(place, there, taken_at, due):
    assert is_due(place, there, taken_at, 1000, NOW_MS + 1000) is due
