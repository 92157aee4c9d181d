"""Each difference between log, listing and metastore is named, and what is the metastore's is mended."""

from typing import Any

import pytest

from services.partitioner.core import Registered
from services.partitioner.differences import loose
from services.partitioner.repair import run
from services.partitioner.repairer import Repairer
from tests.partitioner import BUCKET, DAY, NAME, NOW_MS, OWN, TODAY, Rig, rewritten
from tests.unit.test_live import data_file

EVENTS = "events/year=2025/month=11/day=18"


def repairer(rig: Rig, pause: Any = None) -> Repairer:
    return Repairer(
        log=rig.log,
        metastore=rig.metastore,
        data=rig.data,
        bucket=BUCKET,
        batch_max=2,
        today=lambda: TODAY,
        epoch_ms=lambda: NOW_MS + 7,
        pause=pause or (lambda seconds: None),
    )


async def a_merged_day() -> Rig:
    rig = Rig()
    rig.append()
    rig.append(
        "b",
    )
    rig.rewrite()
    await rig.step()
    return rig


async def test_a_lake_that_its_partitioner_looks_after_has_no_difference(capsys: Any):
    rig = await a_merged_day()
    assert await run(repairer(rig), apply=False) == 0
    assert "0 differences" in capsys.readouterr().out


PLANTED = {
    "missing partition": lambda there: there.pop(NAME),
    "wrong location": lambda there: there.update({NAME: Registered(OWN)}),
    "stale parameters": lambda there: there.update({NAME: Registered(rewritten(), 1, NOW_MS)}),
    "extra partition": lambda there: there.update(
        {"year=2020/month=01/day=01": Registered("s3://lake/events/year=2020")}
    ),
    "case or padding variant": lambda there: there.update({"year=2025/month=9/day=18": Registered("s3://lake/x")}),
}


@pytest.mark.parametrize("kind", PLANTED)
async def test_what_is_wrong_in_the_metastore_is_found_and_mended(kind: str, capsys: Any):
    rig = await a_merged_day()
    before = {name: there._replace(located_at=None) for name, there in rig.metastore.tables["events"].items()}
    PLANTED[kind](rig.metastore.tables["events"])
    assert await run(repairer(rig), apply=False) == 1
    said = capsys.readouterr().out
    assert f"1 differences: {kind}; --apply mends 1 of them" in said
    assert await run(repairer(rig), apply=True) == 0
    assert "1 of 1 differences mended" in capsys.readouterr().out
    assert {name: each._replace(located_at=None) for name, each in rig.metastore.tables["events"].items()} == before


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (f"{EVENTS}/nobody.parquet", "stray object"),
        ("events/elsewhere/nobody.parquet", "stray object"),
        ("rewritten/nobody.parquet", "stray object"),
        ("events/year=2025/month=9/day=18/a.parquet", "case or padding variant"),
        ("events/Year=2025/Month=11/Day=18/a.parquet", "case or padding variant"),
        ("events/year=2025/month=11/day=18_$folder$", "stray object"),
    ],
)
async def test_an_object_that_no_manifest_names_is_told_of_and_never_deleted(key: str, kind: str, capsys: Any):
    rig = await a_merged_day()
    rig.data.keys.add(key)
    assert await run(repairer(rig), apply=True) == 1
    said = capsys.readouterr().out
    assert f"1 differences: {kind}; what lies in the bucket is never changed here" in said
    assert key in rig.data.keys


async def test_a_rewriting_that_nobody_committed_yet_is_the_keepers(capsys: Any):
    rig = await a_merged_day()
    rig.data.keys.add(f"rewritten/{EVENTS}/under-way/00000.parquet")
    assert await run(repairer(rig), apply=False) == 0


async def test_a_live_file_that_is_missing_is_told_of(capsys: Any):
    rig = Rig()
    rig.data.keys.discard(rig.append())
    await rig.step()
    assert await run(repairer(rig), apply=True) == 1
    assert "1 of 1 files are missing" in capsys.readouterr().out


async def test_a_day_of_which_nothing_is_left_has_no_partition():
    rig = await a_merged_day()
    rig.erase()
    assert await run(repairer(rig), apply=True) == 0
    assert rig.there is None


async def test_a_swap_under_way_is_no_difference():
    rig = await a_merged_day()
    rig.rewrite("again")

    def meanwhile(_: float) -> None:
        rig.metastore.tables["events"][NAME] = Registered(rewritten("again"), 3, NOW_MS)

    assert await run(repairer(rig, meanwhile), apply=False) == 0


async def test_partitions_of_another_log_are_mended_when_somebody_asks_for_it():
    rig = await a_merged_day()
    rig.metastore.tables["events"][NAME] = Registered(rewritten("foreign"), 99, NOW_MS)
    await rig.step(seconds=301)
    assert await run(repairer(rig), apply=True) == 0
    assert rig.there == Registered(rewritten(), 2, NOW_MS + 7)


async def test_an_empty_metastore_is_rebuilt():
    rig = await a_merged_day()
    rig.log.commit(data_file("c", day=DAY.replace(day=1)))
    rig.data.keys.add(data_file("c", day=DAY.replace(day=1)).key)
    rig.metastore.tables.clear()
    assert await run(repairer(rig), apply=True) == 0
    assert len(rig.metastore.tables["events"]) == 4


def test_what_a_folder_means():
    assert loose("events/Year=2025/MONTH=9/day=7") == "year=2025/month=09/day=07"
    assert loose("events/year=2025/day=7/month=9") is None
    assert loose("events/year=2025/month=13/day=07") is None
    assert loose("events") is None
