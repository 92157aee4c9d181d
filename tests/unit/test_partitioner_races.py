"""What others do to the metastore meanwhile, by hand or as partitioners themselves, and how it heals."""

import asyncio
from collections.abc import Sequence
from datetime import date

import pytest

from services.partitioner.core import Registered, partition_name
from tests.partitioner import NAME, NOW_MS, OWN, Rig, rewritten
from tests.unit.test_live import data_file


@pytest.mark.parametrize(
    "edited",
    [
        Registered("s3://lake/elsewhere"),
        Registered(rewritten("older"), 0, NOW_MS),
        Registered(rewritten()),
        Registered(rewritten(), 1),
    ],
)
async def test_whatever_somebody_wrote_into_the_metastore_is_healed_at_the_next_look(edited):
    rig = Rig()
    rig.append()
    number = rig.rewrite()
    await rig.step()
    rig.metastore.tables["events"][NAME] = edited
    await rig.step(seconds=299)
    assert rig.there == edited
    await rig.step(seconds=2)
    assert rig.there == Registered(rewritten(), number, rig.now_ms)


async def test_a_partition_that_vanished_is_registered_again_at_the_next_look():
    rig = Rig()
    rig.append()
    await rig.step()
    del rig.metastore.tables["events"][NAME]
    await rig.step(seconds=301)
    assert rig.there == Registered(OWN)


async def test_a_partition_of_nobodys_is_left_alone():
    rig = Rig()
    await rig.step()
    nobodys = {
        "year=2025/month=9/day=01": Registered("s3://lake/x"),
        "year=2020/month=01/day=01": Registered("s3://old/2020"),
    }
    rig.metastore.tables["events"] |= nobodys
    await rig.step(seconds=301)
    assert nobodys.items() <= rig.metastore.tables["events"].items()


async def test_one_who_lags_reads_on_before_it_swaps_and_never_swaps_back():
    rig = Rig()
    rig.append()
    await rig.step()
    rig.rewrite("first")
    other = Rig(rig.log, rig.metastore)

    def the_other_is_faster() -> None:  # and the day was merged once more
        rig.rewrite("second")
        rig.metastore.tables["events"][NAME] = Registered(rewritten("second"), 2, NOW_MS)

    rig.metastore.meanwhile = the_other_is_faster
    await rig.step()
    assert rig.there == Registered(rewritten("second"), 2, NOW_MS)
    await other.step()
    assert rig.there == Registered(rewritten("second"), 2, NOW_MS)


async def test_one_who_sees_that_another_was_faster_reads_on_and_changes_nothing():
    rig = Rig()
    rig.append()
    await rig.step()
    rig.rewrite("first")
    read = rig.metastore.read

    async def read_after_the_other(table: str, names: Sequence[str]) -> dict[str, Registered]:
        rig.metastore.read = read  # type: ignore[method-assign]
        rig.rewrite("second")
        rig.metastore.tables["events"][NAME] = Registered(rewritten("second"), 2, NOW_MS - 5)
        return await read(table, names)

    rig.metastore.read = read_after_the_other  # type: ignore[method-assign]
    await rig.step()
    assert rig.there == Registered(rewritten("second"), 2, NOW_MS - 5)
    assert "swap" not in rig.metastore.changes


async def test_a_day_that_comes_back_while_it_is_dropped_is_registered_again():
    rig = Rig()
    rig.append()
    await rig.step()
    rig.erase()
    rig.metastore.meanwhile = lambda: (rig.append("late"), None)[1]
    await rig.step()
    await rig.step(seconds=1)
    assert rig.there == Registered(OWN, 2, rig.now_ms)


async def test_partitions_of_another_log_are_left_alone_and_told_of():
    rig = Rig()
    rig.append()
    await rig.step()
    foreign = Registered(rewritten("foreign"), 99, NOW_MS)
    rig.metastore.tables["events"][NAME] = foreign
    await rig.step(seconds=301)
    assert rig.there == foreign
    assert rig.partitioner.trouble
    assert "1 partitions name manifests after 0" in rig.partitioner.trouble


async def test_a_day_that_cannot_be_swapped_keeps_no_other_from_it_and_is_told_of():
    rig = Rig()
    days = [date(2025, 10, number) for number in range(1, 31)]
    for day in days:
        rig.log.commit(data_file("a", day=day))
    await rig.step()
    there = rig.metastore.tables["events"]
    there |= {partition_name(day): Registered(f"s3://lake/wrong/{day}") for day in days}
    rig.metastore.refused = {f"s3://lake/wrong/{day}" for day in days[:25]}
    await rig.step(seconds=301)
    wrong = {name for name, each in there.items() if "wrong" in each.location}
    assert wrong == {partition_name(day) for day in days[:25]}
    assert rig.partitioner.trouble
    assert "25 days cannot be swapped or dropped" in rig.partitioner.trouble
    rig.metastore.refused = set()
    await rig.step(seconds=1)
    await rig.step(seconds=1)
    assert not [each for each in there.values() if "wrong" in each.location]
    assert rig.partitioner.trouble is None


async def test_two_at_once_swap_once_and_agree():
    rig = Rig()
    other = Rig(rig.log, rig.metastore)
    rig.append()
    await rig.step()
    await other.step()
    rig.rewrite()
    await asyncio.gather(rig.step(), other.step())
    assert rig.there and rig.there.location == rewritten()
    assert rig.partitioner.trouble is other.partitioner.trouble is None
