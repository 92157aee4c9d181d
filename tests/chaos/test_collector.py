"""A short selection of `make chaos-collector`: every kind of fault once; with a planted mistake it must lose."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from deploy.preflight import lacking
from tests.chaos.collector.run import Outcome, run_once
from tests.chaos.collector.schedule import AWAY, KINDS, schedule
from tests.chaos.collector.shim import NoCompiler, compiled
from tests.chaos.collector.started import MISTAKES
from tests.chaos.collector.world import Broker, impossible

SEED = 5
FAULTS = 22
AWAY_SECONDS = 15.0
GAP_SECONDS = 1.0


@pytest.fixture(scope="module")
def library() -> Path:
    try:
        return compiled()
    except NoCompiler as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("chaos")
    if absent := lacking(folder):
        pytest.skip("; ".join(absent))
    yield folder


def outcome(library: Path, folder: Path, mistake: str | None) -> Outcome:
    without = impossible(folder)

    async def run() -> Outcome:
        broker = Broker(folder / "broker")
        try:
            await broker.start()
            planned = schedule(
                SEED, 1, faults=FAULTS, away_seconds=AWAY_SECONDS, gap_seconds=GAP_SECONDS, without=without
            )
            random = Random(SEED)
            return await run_once(
                broker, library, folder / "run", planned, name="events-1", random=random, mistake=mistake
            )
        finally:
            await broker.stop()

    return asyncio.run(run())


def test_nothing_acknowledged_is_lost_and_nothing_stored_was_never_sent(library: Path, folder: Path):
    found = outcome(library, folder, None)
    assert (found.lost, found.phantom) == (0, 0)
    assert found.clients["acked"] > 100
    assert set(found.faults) >= {AWAY, *KINDS} - set(impossible(folder))


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_collector_with_a_planted_mistake_loses_in_the_same_schedule(library: Path, folder: Path, mistake: str):
    found = outcome(library, folder, mistake)
    assert found.lost > 0
    assert found.phantom == 0
