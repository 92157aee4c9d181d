"""Which days the metastore is told, where they point, and what happens while it is away."""

import asyncio
from datetime import date, timedelta

from eyeshot import metrics
from eyeshot.table import Slot
from services.partitioner.core import Registered, batches, day_of_name, partition_name
from services.partitioner.places import own_location
from tests.partitioner import BUCKET, DAY, NAME, NOW_MS, OWN, SLOT, TODAY, MemoryMetastore, Rig, rewritten
from tests.unit.test_live import data_file, manifest

TOMORROW = TODAY + timedelta(days=1)


async def test_today_and_tomorrow_are_there_before_any_file():
    rig = Rig()
    await rig.step()
    for table in ("events", "rejected"):
        assert rig.metastore.tables[table].keys() == {partition_name(day) for day in (TODAY, TOMORROW)}


async def test_the_days_of_the_log_are_registered_once_in_their_own_folder():
    rig = Rig()
    for name in ("a", "b", "c"):
        rig.append(name)
    await rig.step()
    assert rig.there == Registered(OWN)
    before = list(rig.metastore.changes)
    rig.append("d")
    await rig.step()
    assert rig.metastore.changes == before


async def test_a_rewritten_day_is_swapped_by_one_call_that_says_by_which_manifest_and_when():
    rig = Rig()
    rig.append()
    await rig.step()
    number = rig.rewrite()
    await rig.step(seconds=1)
    assert rig.there == Registered(rewritten(), number, NOW_MS + 1000)
    assert rig.metastore.changes.count("swap") == 1
    await rig.step(seconds=1_000)
    assert rig.metastore.changes.count("swap") == 1


async def test_a_day_of_which_nothing_is_left_is_dropped():
    rig = Rig()
    rig.append()
    await rig.step()
    rig.erase()
    await rig.step()
    assert rig.there is None


async def test_a_day_around_today_stays_although_nothing_is_left_of_it():
    rig = Rig()
    rig.today = DAY
    rig.append()
    rig.rewrite()
    await rig.step()
    number = rig.erase()
    await rig.step()
    assert rig.there == Registered(OWN, number, NOW_MS)
    rig.today = DAY + timedelta(days=1)
    await rig.step()
    assert rig.there is None  # once it is over, it is as any day that had files


async def test_a_manifest_without_files_changes_nothing():
    rig = Rig()
    rig.log.commit(kind="sweep", given_up=("rewritten/events/x/",))
    rig.append()
    await rig.step()
    assert rig.there == Registered(OWN)
    assert rig.partitioner.trouble is None


async def test_a_day_that_was_only_prepared_and_got_no_file_is_dropped_when_it_is_over():
    rig = Rig()
    await rig.step()
    rig.today = TODAY + timedelta(days=2)
    await rig.step()
    rejected = rig.metastore.tables["rejected"]
    assert partition_name(TODAY) not in rejected
    assert partition_name(TOMORROW) in rejected  # yesterday's may still be asked for


async def test_while_the_metastore_is_away_nothing_is_forgotten():
    rig = Rig()
    rig.append()
    rig.metastore.away = True
    await rig.step()
    assert rig.partitioner.trouble == "it is away"
    rig.rewrite()
    rig.metastore.away = False
    await rig.step()
    assert rig.there and rig.there.location == rewritten()
    assert rig.partitioner.trouble is None


async def test_while_the_log_is_away_it_says_so():
    rig = Rig()
    rig.log.away = True
    await rig.step()
    assert rig.partitioner.trouble == "no store"


async def test_a_log_with_a_hole_is_not_read_past_it_and_tomorrow_is_prepared_all_the_same():
    rig = Rig()
    rig.append()
    await rig.step()
    rig.log.manifests.append(manifest(5, data_file("b", day=date(2025, 11, 1))))
    await rig.step()
    rig.today = TOMORROW
    await rig.step(seconds=1)
    assert rig.partitioner.trouble and "manifest 5 does not follow 0" in rig.partitioner.trouble
    assert partition_name(TOMORROW + timedelta(days=1)) in rig.metastore.tables["events"]
    assert partition_name(date(2025, 11, 1)) not in rig.metastore.tables["events"]


async def test_an_empty_metastore_is_rebuilt_with_every_day_where_it_lies_now():
    rig = Rig()
    rig.append()
    number = rig.rewrite()
    rig.metastore.tables["events"] = {NAME: Registered(OWN)}
    await rig.step()
    for begins_anew in (True, False):
        rig.metastore.tables.clear()
        if begins_anew:
            rig.begin()
        await rig.step(seconds=301)
        assert rig.there == Registered(rewritten(), number, rig.now_ms)


async def test_a_day_is_not_shown_where_it_was_before_the_log_is_read_to_its_end():
    rig = Rig()
    for name in "abcdef":  # more than the log gives at once
        rig.append(name)
    rig.rewrite()
    await rig.step()
    assert "swap" not in rig.metastore.changes


async def test_how_long_a_new_day_took_is_measured_and_a_start_is_not():
    def measured() -> float:
        (histogram,) = metrics.REGISTRATION_SECONDS.collect()
        return float(next(each.value for each in histogram.samples if each.name.endswith("_count")))

    rig = Rig()
    rig.append()
    before = measured()
    await rig.step()
    assert measured() == before
    rig.log.commit(data_file("b", day=date(2025, 11, 1)), created_at=NOW_MS - 500)
    await rig.step()
    assert measured() == before + 1


async def test_it_stops_when_it_is_told_to():
    stop = asyncio.Event()
    running = asyncio.create_task(Rig().partitioner.run(stop))
    stop.set()
    await asyncio.wait_for(running, timeout=60)


def test_a_name_is_a_day_only_as_we_write_it():
    assert day_of_name("year=2025/month=11/day=18") == DAY
    for other in (
        "year=2025/month=9/day=1",
        "Year=2025/month=11/day=18",
        "year=2025/month=11",
        "year=2025/month=13/day=01",
    ):
        assert day_of_name(other) is None


def test_days_are_sent_in_batches_of_one_table():
    days = [Slot("events", date(2025, 1, number)) for number in range(1, 6)] + [Slot("rejected", TODAY)]
    assert [(table, len(some)) for table, some in batches(days, 2)] == [
        ("events", 2),
        ("events", 2),
        ("events", 1),
        ("rejected", 1),
    ]


def test_where_the_table_has_a_day():
    assert own_location(SLOT, BUCKET) == OWN == "s3://lake/events/year=2025/month=11/day=18"
    assert MemoryMetastore().tables == {}
