"""A partitioner that dies at every call to the world in turn, before or after it took effect, and begins anew."""

from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

import pytest

from services.partitioner.core import Registered
from tests.partitioner import GRACE_SECONDS, NAME, NOW_MS, Rig, rewritten

STRANGER = "events/year=2025/month=11/day=18/nobody-named-me.parquet"
OF_THE_METASTORE = ("create_tables", "register", "swap", "drop", "names", "read")
OF_THE_DATA = ("keys_after", "delete")


class Killed(BaseException):
    """Nothing of this life goes on."""


class Fate:
    """Lets the n-th call to the world be the last one of a life."""

    def __init__(self, last: int, *, after: bool) -> None:
        self._left = last
        self._after = after
        self.came = False

    def meets(self, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """The call, which may be the last one."""

        async def mortal(*arguments: Any) -> Any:
            self._left -= 1
            if self._left != 0:
                return await call(*arguments)
            self.came = True
            if self._after:
                await call(*arguments)
            raise Killed

        return mortal


async def live_through(rig: Rig, seconds: float = 0) -> None:
    """A step, and another life when this one ends in it; what a query sees is whole at any time."""
    try:
        await rig.step(seconds)
    except Killed:
        rig.begin()
        nothing_is_missing(rig)
        await rig.step()
    nothing_is_missing(rig)


def nothing_is_missing(rig: Rig) -> None:
    """What no manifest names is there, and so is every file of the place where the partition points."""
    assert STRANGER in rig.data.keys
    there: Registered | None = rig.metastore.tables.get("events", {}).get(NAME)
    if there and there.location == rewritten():
        assert f"{rewritten().removeprefix('s3://lake/')}/00000.parquet" in rig.data.keys
    elif there:
        assert {f"events/year=2025/month=11/day=18/{name}.parquet" for name in "ab"} <= rig.data.keys


@pytest.mark.parametrize("after", [False, True])
async def test_wherever_it_dies_the_next_one_comes_to_the_same_end(after: bool):
    for last in count(1):
        rig, fate = Rig(), Fate(last, after=after)
        for part, names in ((rig.metastore, OF_THE_METASTORE), (rig.data, OF_THE_DATA)):
            for name in names:
                setattr(part, name, fate.meets(getattr(part, name)))
        rig.data.keys.add(STRANGER)
        rig.append("a")
        rig.append("b")
        await live_through(rig)
        number = rig.rewrite()
        await live_through(rig, seconds=1)
        assert rig.there == Registered(rewritten(), number, NOW_MS + 1000)
        await live_through(rig, seconds=GRACE_SECONDS)
        await live_through(rig, seconds=11)
        assert len(rig.data.keys) == 2
        rig.erase()
        await live_through(rig, seconds=1)
        assert NAME not in rig.metastore.tables["events"]
        await live_through(rig, seconds=GRACE_SECONDS)
        await live_through(rig, seconds=11)
        assert rig.data.keys == {STRANGER}
        if not fate.came:
            break
    assert last > 20
