"""The life of a day on a real metastore, S3 server and Trino, whoever is killed meanwhile."""

import os
from collections.abc import Iterator

import pytest

from deploy.preflight import lacking
from eyeshot.fail_point import PARTITIONER_STEPS
from tests.chaos.partitioner.lake import LakeOfDays
from tests.chaos.stage import Stage, staged

KILLS = {"FAIL_POINT_KILLS": "this process"}
BACK_SECONDS = 30.0  # after which a metastore that came back must have caught up


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A metastore, S3 and Trino of these tests' own: they are killed."""
    state = tmp_path_factory.mktemp("days")
    if absent := lacking(state):
        reason = "; ".join(absent)
        if os.environ.get("CI"):
            pytest.fail(f"this machine must run the stack, but {reason}")
        pytest.skip(reason)
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

        await lake.merge()
        lake.until("the swap", lambda: lake.paths(lake.first) != old)
        (path,) = lake.paths(lake.first)
        assert path.startswith(f"s3://{lake.bucket}/rewritten/events/")
        assert lake.answer() == before

        replaced = {path.removeprefix(f"s3://{lake.bucket}/") for path in old}
        lake.until("the replaced files' deletion", lambda: not lake.objects() & replaced)
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
