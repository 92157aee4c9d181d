"""A day that moved to a colder tier is read there, and deleted where it lay before."""

from typing import Any

from services.partitioner.core import Registered
from services.partitioner.repair import run
from tests.partitioner import DAY, GRACE_SECONDS, SLOT, Rig, rewritten
from tests.unit.test_live import data_file
from tests.unit.test_partitioner_repair import repairer


async def a_moved_day() -> tuple[Rig, str]:
    """A day in the warm tier, and the key that it had before."""
    rig = Rig()
    old = rig.append()
    await rig.step()
    rig.rewrite("move", "warm")
    await rig.step()
    return rig, old


async def test_a_moved_days_partition_points_into_the_bucket_of_its_tier():
    rig, _ = await a_moved_day()
    assert rig.there == Registered(rewritten("move", "warm"), 1, rig.now_ms)
    assert rig.there.location.startswith("s3://lake-warm/rewritten/events/")
    number = rig.rewrite("again", "cold")
    await rig.step()
    assert rig.there == Registered(rewritten("again", "cold"), number, rig.now_ms)


async def test_a_repairs_file_that_comes_later_does_not_bring_the_day_back():
    rig, _ = await a_moved_day()
    rig.log.commit(data_file("repaired", day=DAY))
    await rig.step()
    assert rig.there and rig.there.location == rewritten("move", "warm")


async def test_each_copy_goes_from_its_own_tier_when_its_grace_is_over():
    rig, old = await a_moved_day()
    (warm,) = rig.data.tiers["warm"]
    await rig.step(seconds=GRACE_SECONDS - 1)
    assert old in rig.data.keys
    await rig.step(seconds=10)
    assert not rig.data.keys
    assert rig.data.tiers["warm"] == {warm}

    rig.rewrite("again", "cold")
    await rig.step()
    await rig.step(seconds=GRACE_SECONDS)
    assert not rig.data.tiers["warm"]
    assert len(rig.data.tiers["cold"]) == 1


async def test_an_object_of_the_same_key_in_another_tier_is_not_what_was_replaced():
    rig, old = await a_moved_day()
    rig.data.tiers["cold"].add(old)
    await rig.step(seconds=GRACE_SECONDS)
    assert not rig.data.keys
    assert rig.data.tiers["cold"] == {old}


async def test_a_day_that_expires_in_a_colder_tier_is_deleted_there():
    rig, _ = await a_moved_day()
    rig.erase()
    await rig.step()
    assert rig.there is None
    await rig.step(seconds=GRACE_SECONDS)
    assert not rig.data.tiers["warm"]


async def test_an_empty_metastore_is_rebuilt_with_every_day_in_its_tier():
    rig, _ = await a_moved_day()
    rig.metastore.tables.clear()
    rig.begin()
    await rig.step()
    assert rig.there == Registered(rewritten("move", "warm"), 1, rig.now_ms)


async def test_the_repairer_looks_into_every_tier(capsys: Any):
    rig, _ = await a_moved_day()
    assert await run(repairer(rig), apply=False) == 0

    (warm,) = rig.data.tiers["warm"]
    rig.data.tiers["cold"] |= {warm, f"rewritten/events/year=2025/month=11/day={SLOT.day.day}/under-way/00000.parquet"}
    rig.data.tiers["warm"].add("events/nobody.parquet")
    assert await run(repairer(rig), apply=True) == 1
    said = capsys.readouterr().out
    assert "2 differences: stray object" in said
    assert "s3://lake-cold/rewritten/events" in said
    assert "s3://lake-warm/events" in said

    rig.data.tiers["cold"].clear()
    rig.data.tiers["warm"].clear()
    assert await run(repairer(rig), apply=True) == 1
    assert f"1 of 1 files are missing, such as {rewritten('move', 'warm')}/00000.parquet" in capsys.readouterr().out


async def test_what_points_at_the_hot_tier_although_the_day_moved_is_mended(capsys: Any):
    rig, _ = await a_moved_day()
    rig.metastore.tables["events"]["year=2025/month=11/day=18"] = Registered(rewritten("move"), 1, rig.now_ms)
    assert await run(repairer(rig), apply=True) == 0
    assert "wrong location" in capsys.readouterr().out
    assert rig.there and rig.there.location == rewritten("move", "warm")
