"""The life of a day on a real metastore, S3 server and Trino, whoever is killed meanwhile."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.partitions import seconds_to_register
from deploy.paths import ROOT
from deploy.preflight import lacking
from deploy.stack import HOST
from eyeshot.fail_point import PARTITIONER_STEPS
from services.partitioner.settings import Metastore
from tests.chaos.partitioner.lake import LakeOfDays
from tests.chaos.partitioner.planted import KINDS, plant, take_objects_away
from tests.chaos.partitioner.service import Partitioner
from tests.chaos.stage import Stage, staged

KILLS = {"FAIL_POINT_KILLS": "this process"}
BACK_SECONDS = 30.0  # after which a metastore that came back must have caught up


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A metastore, S3 and Trino of these tests' own: they are killed."""
    state = tmp_path_factory.mktemp("days")
    may_run(state)
    with staged(state, sql=True, kafka=False) as running:
        yield running


@pytest.fixture
def lake(stage: Stage) -> LakeOfDays:
    return LakeOfDays(stage)


async def test_the_life_of_a_day(lake: LakeOfDays):
    partitioner = lake.partitioner()
    partitioner.start()
    try:
        await lake.fill()
        lake.until("the first rows", lambda: len(lake.answer()) == 12)
        before, rejected, old = lake.answer(), lake.answer("rejected"), lake.paths(lake.first)

        with lake.asked_all_the_time() as answers:
            await lake.merge()
            lake.until("the swap", lambda: lake.paths(lake.first) != old)
            (path,) = lake.paths(lake.first)
            assert path.startswith(f"s3://{lake.bucket}/rewritten/events/")
            replaced = {path.removeprefix(f"s3://{lake.bucket}/") for path in old}
            lake.until("the replaced files' deletion", lambda: not lake.objects() & replaced)
        assert answers == [before]
        assert lake.answer() == before
        assert lake.faults() == ()

        await lake.expire(lake.last)
        lake.until("the expired day's end", lambda: len(lake.answer()) == 11)
        lake.until(
            "its files' deletion",
            lambda: not [key for key in lake.objects() if "events/year=2025/month=11/day=27" in key],
        )
        assert ("2025", "11", "27") not in lake.partitions()
        assert lake.answer("rejected") == rejected
        assert lake.faults() == ()
        assert partitioner.trouble() is None
    finally:
        partitioner.kill()


@pytest.mark.parametrize("step", PARTITIONER_STEPS)
async def test_one_that_is_killed_at_any_step_begins_anew_and_comes_to_the_same_end(lake: LakeOfDays, step: str):
    partitioner = lake.partitioner()
    partitioner.start(FAIL_POINT=f"{step}:1", **KILLS)
    try:
        await lake.fill()
        lake.until("the days, or an end", lambda: partitioner.pid is None or len(lake.answer()) == 12)
        await lake.merge()
        await lake.expire(lake.last)
        lake.until(f"the end at {step}", lambda: partitioner.pid is None)
        assert partitioner.exit_status == -signal.SIGKILL
        partitioner.start()
        await _comes_to_its_end(lake, partitioner)
    finally:
        partitioner.kill()


async def test_two_at_once_swap_no_more_than_once_each_and_come_to_the_same_end(lake: LakeOfDays):
    both = [lake.partitioner(who) for who in ("one", "two")]
    for each in both:
        each.start()
    try:
        await lake.fill()
        lake.until("the first rows", lambda: len(lake.answer()) == 12)
        await lake.merge()
        lake.until("the swap", lambda: any("/rewritten/" in path for path in lake.paths(lake.first)))
        # Hive has no compare-and-set: both may say the same thing at the same moment, and neither says it again.
        assert all(each.counted("locations_swapped") <= 1 for each in both)
        await lake.expire(lake.last)
        both[0].kill()
        both[0].start()
        await _comes_to_its_end(lake, *both)
    finally:
        for each in both:
            each.kill()


async def test_a_metastore_that_was_away_or_lost_all_is_as_before_within_half_a_minute(stage: Stage, lake: LakeOfDays):
    partitioner = lake.partitioner()
    partitioner.start()
    try:
        await lake.fill()
        lake.until("the first rows", lambda: len(lake.answer()) == 12)
        stage.metastore.kill()
        await lake.merge()
        lake.until("the trouble", lambda: "metastore" in (partitioner.trouble() or ""))
        stage.metastore.start()
        stage.metastore.wait_ready()
        seconds = lake.until("the swap", lambda: any("/rewritten/" in path for path in lake.paths(lake.first)))
        assert seconds < BACK_SECONDS
        before = lake.answer()

        for begins_anew in (False, True):
            if begins_anew:
                partitioner.kill()
            lake.drop_database()
            if begins_anew:
                partitioner.start()
            seconds = lake.until("the rebuilding", lambda: len(lake.answer()) == 12)
            assert seconds < BACK_SECONDS
            assert lake.answer() == before
            assert any("/rewritten/" in path for path in lake.paths(lake.first))
        assert repair(lake)[0] == 0
    finally:
        partitioner.kill()


async def test_each_planted_difference_is_found_and_those_of_the_metastore_are_mended(lake: LakeOfDays):
    partitioner = lake.partitioner()
    partitioner.start()
    await lake.fill()
    await lake.merge()
    lake.until("the swap", lambda: any("/rewritten/" in path for path in lake.paths(lake.first)))
    partitioner.stop()
    before = lake.answer()
    assert repair(lake)[0] == 0

    plant(lake)
    status, said = repair(lake)
    assert status == 1
    for kind in KINDS:
        assert kind in said, said
    status, said = repair(lake, "--apply")
    assert status == 1
    assert "what lies in the bucket is never changed here" in said
    take_objects_away(lake)
    assert repair(lake)[0] == 0
    assert lake.answer() == before


async def test_ten_thousand_days_are_registered_in_under_a_minute(stage: Stage):
    settings = Metastore(host=HOST, port=stage.stack.ports["METASTORE_PORT"], database="ten_thousand")
    assert await seconds_to_register(settings, 10_000) < 60


def may_run(state: Path) -> None:
    """Skip where this machine cannot run the parts; fail in CI."""
    if absent := lacking(state):
        reason = "; ".join(absent)
        if os.environ.get("CI"):
            pytest.fail(f"this machine must run the stack, but {reason}")
        pytest.skip(reason)


async def _comes_to_its_end(lake: LakeOfDays, *partitioners: Partitioner) -> None:
    """The first day in one new file, the last one gone, the replaced files deleted, and everything proved."""
    table = await lake.live()
    named = {file.key for slot in table.days() for file in table.files(slot)}
    lake.until("the swap", lambda: any("/rewritten/" in path for path in lake.paths(lake.first)))
    lake.until("the drop", lambda: len(lake.answer()) == 11)
    lake.until("the deletions", lambda: lake.objects() == named)
    lake.until("readiness", lambda: not any(each.trouble() for each in partitioners))
    assert repair(lake)[0] == 0
    assert lake.faults() == ()


def repair(lake: LakeOfDays, *options: str) -> tuple[int, str]:
    """Exit status and text of the real command."""
    command = [sys.executable, "-m", "services.partitioner.repair", *options]
    ran = subprocess.run(
        command, check=False, cwd=ROOT, env=os.environ | lake.environment(), capture_output=True, text=True
    )
    assert ran.returncode < 2, ran.stderr
    return ran.returncode, ran.stdout
