"""The keeper on a real S3 server: days merged, moved, rows erased, what is left over removed; the audit proves it."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from eyeshot.lake.log import CommitLog
from eyeshot.table import REWRITTEN_PREFIX, day_of
from eyeshot.tier import COLDER
from services.keeper.app import Keeper
from services.keeper.chosen import Site
from services.keeper.days import Days
from services.keeper.erase import run
from services.keeper.eraser import Eraser
from services.keeper.rewrite import ParquetRewriter
from services.keeper.settings import Keeper as Settings
from tests.audit.lakes import A_DAY_MS, OnS3, audited, fill, manifests
from tests.builders import NOW_MS
from tests.keeper import MIB, UTC_ZONE, FixedTopic
from tests.s3_server import running

NONCES = count()


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[OnS3]:
    with running(tmp_path) as settings:
        yield OnS3(settings)


def days(lake: OnS3, after_days: int = 9) -> Days:
    return Days(
        log=CommitLog(lake.store),
        topic=FixedTopic(),
        zone=ZoneInfo("UTC"),
        clock_seconds_max=0,
        epoch_ms=lambda: NOW_MS + after_days * A_DAY_MS,
        new_nonce=lambda: f"s3-{next(NONCES)}",
    )


def rewriter_of(lake: OnS3) -> ParquetRewriter:
    return ParquetRewriter(lake.stores, file_bytes=MIB, row_group_rows=1_000, part_bytes=5 * MIB)


async def test_a_lake_is_merged_erased_and_swept(lake: OnS3, capsys: Any):
    await fill(lake.store)
    rewriter = rewriter_of(lake)
    clock = iter([0.0, 10.0, 20.0, 200.0]).__next__
    keeper = Keeper(
        days=days(lake), rewriter=rewriter, settings=Settings(file_bytes=MIB, sweep_seconds=100), monotonic=clock
    )

    assert await keeper._step()  # the first day of events has three files
    assert audited(lake, deep=True).faults == ()

    eraser = Eraser(days=days(lake), rewriter=rewriter)
    tomorrow = day_of(NOW_MS, UTC_ZONE) + timedelta(days=1)
    assert await run(eraser, Site("demo", tomorrow), apply=True) == 0
    assert "10 rows erased, 0 left" in capsys.readouterr().out
    assert audited(lake, deep=True).faults == ()
    assert [each.kind for each in manifests(lake)] == ["append"] * 3 + ["merge", "erase"]

    lost = await lake.store.start_upload(f"{REWRITTEN_PREFIX}events/year=2025/month=11/day=25/dead/00000.parquet")
    key = f"{REWRITTEN_PREFIX}events/year=2025/month=11/day=25/dead/00000.parquet"
    await lake.store.complete(key, lost, (await lake.store.upload_part(key, lost, 1, b"half a rewriting"),))
    merged = next(file.key for each in manifests(lake) if each.kind == "merge" for file in each.files)
    await keeper._step()
    assert await lake.store.exists(key)
    await keeper._step()  # seen for less than its age
    await keeper._step()
    assert not await lake.store.exists(key)
    assert await lake.store.exists(merged)  # it left the table, but a manifest named it
    assert audited(lake, deep=True).faults == ()


async def test_days_move_from_bucket_to_bucket_and_rows_are_erased_in_the_coldest(lake: OnS3, capsys: Any):
    for tier in COLDER:
        lake.make_bucket(tier)
    await fill(lake.store)
    settings = Settings(file_bytes=MIB, gain_min=1, warm_days=10, cold_days=20)

    for age, tier in ((16, "warm"), (26, "cold")):
        keeper = Keeper(
            days=days(lake, age), rewriter=rewriter_of(lake), settings=settings, monotonic=iter(range(99)).__next__
        )
        assert [await keeper._step() for _ in range(7)] == [True] * 6 + [False]  # three days of two tables
        assert keeper.trouble is None
        live = [there for there in audited(lake, deep=True).listed.values() if there.tier == tier]
        assert len(live) == 6
        assert audited(lake, deep=True).faults == ()
    assert [each.kind for each in manifests(lake)] == ["append"] * 3 + ["tier"] * 12

    tomorrow = day_of(NOW_MS, UTC_ZONE) + timedelta(days=1)
    eraser = Eraser(days=days(lake, 30), rewriter=rewriter_of(lake))
    assert await run(eraser, Site("demo", tomorrow), apply=True) == 0
    assert "10 rows erased, 0 left" in capsys.readouterr().out
    assert audited(lake, deep=True).faults == ()


async def test_a_copy_that_nobody_committed_is_swept_from_the_bucket_of_its_tier(lake: OnS3):
    lake.make_bucket("cold")  # and nobody made a warm one: nothing was ever moved there
    await fill(lake.store)
    cold = lake.stores["cold"]
    key = f"{REWRITTEN_PREFIX}events/year=2025/month=11/day=25/dead/00000.parquet"
    lost = await cold.start_upload(key)
    await cold.complete(key, lost, (await cold.upload_part(key, lost, 1, b"half a copy"),))
    await cold.start_upload(key)  # and half a file more, long before the days' clock says now
    clock = iter([0.0, 200.0]).__next__
    keeper = Keeper(
        days=days(lake, 36_500),
        rewriter=rewriter_of(lake),
        settings=Settings(file_bytes=MIB, gain_min=1, sweep_seconds=100, warm_days=0, cold_days=0),
        monotonic=clock,
    )
    await keeper._step()
    assert await cold.exists(key)
    await keeper._step()
    assert not await cold.exists(key)
    assert await cold.pending_uploads(REWRITTEN_PREFIX) == []
    assert audited(lake, deep=True).faults == ()
