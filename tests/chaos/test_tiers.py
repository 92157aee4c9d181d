"""Days that move from tier to tier on real parts: read the same all the while, whoever is killed, proved at the end."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from eyeshot.lake.log import CommitLog
from eyeshot.tier import COLDER, Tier
from tests.chaos.partitioner.ageing import AgeingLake, Readers
from tests.chaos.partitioner.service import Partitioner
from tests.chaos.process import Process
from tests.chaos.stage import Stage, staged
from tests.chaos.test_partitioner import KILLS, may_run, repair

ROWS = 12
SAFE_GRACE_SECONDS = 30  # longer than any query of these tests lasts
STEPS_OF_A_MOVE = (
    "before_rewriting",
    "after_upload_start",
    "after_part",
    "after_rewriting",
    "before_replacement",
    "before_commit",
    "after_commit",
    "after_tip_hint",
    "after_replacement",
)
STEPS_OF_A_SWAP = ("before_swap", "after_swap", "before_delete", "after_delete")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Everything but our own services, of these tests' own: an empty topic tells keepers that the days are over."""
    state = tmp_path_factory.mktemp("tiers")
    may_run(state)
    with staged(state, sql=True) as running:
        yield running


@pytest.fixture
def lake(stage: Stage) -> AgeingLake:
    return AgeingLake(stage)


async def test_a_day_is_read_the_same_while_it_goes_from_hot_to_warm_to_cold_and_is_erased_there(lake: AgeingLake):
    partitioner = lake.partitioner(PARTITIONER_GRACE_SECONDS=str(SAFE_GRACE_SECONDS))
    try:
        before = await _filled(lake, partitioner)
        with Readers(lake, 2, before) as readers:
            for tier in COLDER:
                keeper = lake.keeper_service(tier)
                keeper.start()
                lake.until_read_from(tier)
                keeper.stop()
                lake.until_alone_in(tier)
        assert readers.wrong == []
        assert readers.answers > len(before)
        await _comes_to_its_end(lake, "cold", before, partitioner)

        said = lake.erase("cold", "--site=demo", "--before=2025-11-26")
        assert "10 rows erased, 0 left" in said
        lake.until("the swap", lambda: len(lake.answer()) == ROWS - 10)
        await _comes_to_its_end(lake, "cold", lake.answer(), partitioner)
    finally:
        partitioner.kill()


async def test_keepers_that_are_killed_at_each_step_of_a_move_lose_and_double_nothing(lake: AgeingLake):
    partitioner = lake.partitioner()
    try:
        before = await _filled(lake, partitioner)
        keepers = {tier: lake.keeper_service(tier) for tier in COLDER}
        for number, step in enumerate(STEPS_OF_A_MOVE):
            _dies_at(lake, keepers[COLDER[number % 2]], step)
            assert lake.answer() == before
        keepers["cold"].start()
        await _comes_to_its_end(lake, "cold", before, partitioner)
        keepers["cold"].kill()
    finally:
        partitioner.kill()


async def test_partitioners_that_are_killed_at_each_step_lose_and_double_nothing(lake: AgeingLake):
    partitioner = lake.partitioner()
    try:
        before = await _filled(lake, partitioner)
        partitioner.kill()
        keepers = {tier: lake.keeper_service(tier) for tier in COLDER}
        for tier in COLDER:
            keepers[tier].start()
            for step in STEPS_OF_A_SWAP:
                _dies_at(lake, partitioner, step)
                assert lake.answer() == before
            partitioner.start()
            lake.until_read_from(tier)
            keepers[tier].stop()
            partitioner.kill()
        partitioner.start()
        await _comes_to_its_end(lake, "cold", before, partitioner)
    finally:
        partitioner.kill()


async def test_two_keepers_and_two_partitioners_at_once_move_each_day_once(lake: AgeingLake):
    partitioners = [lake.partitioner(who) for who in ("one", "two")]
    keepers = [lake.keeper_service("cold", who) for who in ("one", "two")]
    try:
        before = await _filled(lake, *partitioners)
        for keeper in keepers:
            keeper.start()
        lake.until("a move", lambda: "cold" in lake.tiers_read())
        keepers[0].kill()
        keepers[0].start()
        await _comes_to_its_end(lake, "cold", before, *partitioners)
        assert (await _kinds(lake)).count("tier") == 6
    finally:
        for each in (*keepers, *partitioners):
            each.kill()


async def test_what_a_killed_keeper_copied_is_removed_although_the_remover_is_killed_too(lake: AgeingLake):
    partitioner = lake.partitioner()
    try:
        before = await _filled(lake, partitioner)
        keeper = lake.keeper_service("warm")
        _dies_at(lake, keeper, "after_rewriting")
        named = (await lake.addresses())[1]
        assert lake.everything() - named
        for step in ("before_removal", "after_removal"):
            _dies_at(lake, keeper, step)
        keeper.start()
        await _comes_to_its_end(lake, "warm", before, partitioner)
        assert lake.everything() == (await lake.addresses())[0]
        keeper.kill()
    finally:
        partitioner.kill()


async def _filled(lake: AgeingLake, *partitioners: Partitioner) -> list[list[Any]]:
    """Partitioners that run, and every row's coordinates."""
    for partitioner in partitioners:
        partitioner.start()
    await lake.fill()
    lake.until("the first rows", lambda: len(lake.answer()) == ROWS)
    rows = lake.answer()
    assert len({tuple(row) for row in rows}) == ROWS
    return rows


def _dies_at(lake: AgeingLake, process: Process, step: str) -> None:
    process.start(FAIL_POINT=f"{step}:1", **KILLS)
    lake.until(f"the end at {step}", lambda: process.pid is None)
    assert process.exit_status == -signal.SIGKILL


async def _kinds(lake: AgeingLake) -> list[str]:
    return [manifest.kind async for manifest in CommitLog(lake.store).manifests_after(-1)]


async def _comes_to_its_end(
    lake: AgeingLake, tier: Tier, expected: list[list[Any]], *partitioners: Partitioner
) -> None:
    """Every day in the tier, what it left deleted, the same rows, and everything proved."""
    lake.until_read_from(tier)
    live, ever = await lake.addresses()
    lake.until("the deletions", lambda: lake.everything() & ever == live)
    lake.until("readiness", lambda: not any(each.trouble() for each in partitioners))
    assert {at.tier for at in live} == {tier}
    assert lake.answer() == expected
    assert lake.faults() == ()
    assert repair(lake)[0] == 0
