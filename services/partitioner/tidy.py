"""Files that were taken out of the table in; deleted, once the metastore has pointed elsewhere for long enough, out."""

import logging
from collections.abc import AsyncGenerator, Callable
from itertools import product

from eyeshot import metrics
from eyeshot.fail_point import reach
from eyeshot.logs import happened
from eyeshot.table import DATA_PREFIXES, Slot
from eyeshot.tier import Address
from services.partitioner import core
from services.partitioner.places import Places, TakenOut
from services.partitioner.ports import Data, DataUnavailable, Metastore

DELETED_AT_ONCE = 50  # files deleted after one look at their day's partition; a new day waits for no more


class Tidy:
    """Deletes what a manifest named and a later one took out; never anything else."""

    def __init__(
        self, *, places: Places, metastore: Metastore, data: Data, grace_seconds: float, epoch_ms: Callable[[], int]
    ) -> None:
        self._places = places
        self._metastore = metastore
        self._data = data
        self._grace_ms = round(grace_seconds * 1000)
        self._epoch_ms = epoch_ms
        self.trouble: str | None = None

    async def pieces(self) -> AsyncGenerator[None, None]:
        """A tidying, a little at a time. That the store refuses keeps no day from being registered."""
        try:
            async for _ in self._tidy():
                yield
        except DataUnavailable as error:
            happened("not_tidied", level=logging.WARNING, reason=str(error))
            self.trouble = str(error)
        else:
            self.trouble = None

    async def _tidy(self) -> AsyncGenerator[None, None]:
        """List the data once, then delete day by day; nothing to delete, nothing listed."""
        old = self._old()
        if not old:
            return
        there: set[str] = set()
        for tier, prefix in sorted(product({taken.tier for taken in old.values()}, DATA_PREFIXES)):
            after = ""
            while keys := await self._data.keys_after(tier, prefix, after):
                there |= {key for key in keys if key in old and old[key].tier == tier}
                after = keys[-1]
                yield
        self._places.forget(old.keys() - there)
        by_day: dict[Slot, list[str]] = {}
        for key in sorted(there):
            by_day.setdefault(old[key].slot, []).append(key)
        for slot, keys in sorted(by_day.items()):
            for some in core.chunks(keys, DELETED_AT_ONCE):
                await self._delete(slot, list(some))
                yield

    def _old(self) -> dict[str, TakenOut]:
        """The files that were taken out so long ago."""
        latest = self._epoch_ms() - self._grace_ms
        return {key: taken for key, taken in self._places.taken_out.items() if taken.at <= latest}

    async def _delete(self, slot: Slot, keys: list[str]) -> None:
        name = core.partition_name(slot.day)
        there = (await self._metastore.read(slot.table, [name])).get(name)
        place, taken, now = self._places.days.get(slot), self._places.taken_out, self._epoch_ms()
        due = [key for key in keys if key in taken and core.is_due(place, there, taken[key].at, self._grace_ms, now)]
        for key in due:
            reach("before_delete")
            await self._data.delete(Address(taken[key].tier, key))
            reach("after_delete")
        self._places.forget(due)
        if due:
            metrics.FILES_DELETED.labels(slot.table).inc(len(due))
            happened("replaced_files_deleted", table=slot.table, day=slot.day.isoformat(), files=len(due))
