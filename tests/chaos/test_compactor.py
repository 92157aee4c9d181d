"""A few seeded runs of `make chaos-compactor`: nothing is lost, nothing is there twice, and the harness bites."""

import asyncio
import os
from collections.abc import Iterator

import pytest

from deploy.preflight import lacking
from tests.chaos.compactor.cast import Subject
from tests.chaos.compactor.proof import Outcome
from tests.chaos.compactor.run import Run
from tests.chaos.compactor.schedule import Schedule, calm, schedule
from tests.chaos.stage import Stage, staged

SECONDS = 16.0
CALM_SECONDS = 5.0
FAULTS = 25
# Two compactors, S3 restarted, Kafka killed; three, S3 killed, Kafka restarted.
SEEDS = (1, 2)
# Whether a fault hits the naive one between its upload and its offsets is chance: the first seed mostly does.
CONTROL_SEEDS = (1, 2, 3)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Kafka and S3 of these tests' own: they are killed."""
    state = tmp_path_factory.mktemp("chaos")
    if absent := lacking(state):
        reason = "; ".join(absent)
        if os.environ.get("CI"):
            pytest.fail(f"this machine must run the stack, but {reason}")
        pytest.skip(reason)
    with staged(state) as running:
        yield running


def happened(stage: Stage, planned: Schedule, subject: Subject) -> Outcome:
    return asyncio.run(Run(stage, planned, subject, with_sql=False).run())


@pytest.mark.parametrize("seed", SEEDS)
def test_every_event_is_there_once_whatever_broke(stage: Stage, seed: int):
    outcome = happened(stage, schedule(seed, SECONDS, FAULTS), "real")

    assert outcome.complaints == []
    kinds = " ".join(outcome.tally.faults)
    assert all(
        kind in kinds for kind in ("S3 answer", "S3 killed" if seed % 2 == 0 else "S3 restarted", "Kafka", "owners")
    )


def test_the_naive_compactor_is_exact_while_nothing_breaks(stage: Stage):
    assert happened(stage, calm(0, CALM_SECONDS), "naive").complaints == []


def test_and_is_found_out_as_soon_as_something_does(stage: Stage):
    outcomes = (happened(stage, schedule(seed, SECONDS, FAULTS), "naive") for seed in CONTROL_SEEDS)

    found_out = next((outcome for outcome in outcomes if outcome.complaints), None)

    assert found_out, f"seeds {CONTROL_SEEDS} broke nothing of a compactor that has no log"
    assert not found_out.tally.exact
