"""The log, the metastore and the listing in; what differs, and the metastore mended, out."""

from collections.abc import Callable, Sequence
from datetime import date
from itertools import product

from eyeshot.logs import happened
from eyeshot.table import DATA_PREFIXES, TABLE_NAMES, Slot
from eyeshot.tier import TIERS, Address
from services.partitioner import core
from services.partitioner.core import Registered
from services.partitioner.differences import Difference, differences
from services.partitioner.follow import follow
from services.partitioner.places import Places
from services.partitioner.ports import Data, ManifestLog, Metastore

LOOK_AGAIN_SECONDS = 3.0  # a swap or a publication under way is no difference


class Repairer:
    """Looks twice before it calls something a difference; changes nothing unless it is told to, and never data."""

    def __init__(
        self,
        *,
        log: ManifestLog,
        metastore: Metastore,
        data: Data,
        bucket: str,
        batch_max: int,
        today: Callable[[], date],
        epoch_ms: Callable[[], int],
        pause: Callable[[float], None],
    ) -> None:
        self._log = log
        self._metastore = metastore
        self._data = data
        self._batch_max = batch_max
        self._today = today
        self._epoch_ms = epoch_ms
        self._pause = pause
        self._places = Places(bucket)

    async def find(self) -> list[Difference]:
        """What differs, and still does seconds later. Raises LogUnavailable, MetastoreUnavailable, DataUnavailable."""
        first = await self._look()
        if not first:
            return []
        self._pause(LOOK_AGAIN_SECONDS)
        again = set(await self._look())
        return [each for each in first if each in again]

    async def mend(self, found: Sequence[Difference]) -> int:
        """Mend what can be mended in the metastore; how many of them were."""
        return sum([await self._mend(each) for each in found if each.mend])

    async def create_tables(self) -> None:
        """The database and the tables, where they are missing."""
        await self._metastore.create_tables()

    async def _look(self) -> list[Difference]:
        """The data first and the log last: whatever was there, or was swapped, a manifest named by then."""
        objects = await self._objects()
        partitions = {table: await self._partitions(table) for table in TABLE_NAMES}
        await follow(self._log, self._places)
        return differences(self._places, partitions, objects, self._today())

    async def _objects(self) -> set[Address]:
        found: set[Address] = set()
        for tier, prefix in product(TIERS, DATA_PREFIXES):
            after = ""
            while some := await self._data.keys_after(tier, prefix, after):
                found.update(Address(tier, key) for key in some)
                after = some[-1]
        return found

    async def _partitions(self, table: str) -> dict[str, Registered]:
        found: dict[str, Registered] = {}
        for names in core.chunks(await self._metastore.names(table), self._batch_max):
            found |= await self._metastore.read(table, names)
        return found

    async def _mend(self, difference: Difference) -> bool:
        table, name, now = difference.table, difference.name, self._epoch_ms()
        there = (await self._metastore.read(table, [name])).get(name)
        await follow(self._log, self._places)
        day = core.day_of_name(name)
        places = self._places
        place = (
            core.wanted(Slot(table, day), places.days, core.days_around(self._today()), places.bucket) if day else None
        )
        done = False
        if difference.mend == "register" and there is None and day and place:
            await self._metastore.register(table, {day: place}, now)
            done = True
        elif difference.mend == "swap" and there and place:
            done = await self._metastore.swap(table, name, there, place, now)
        elif difference.mend == "drop" and there and place is None:
            done = await self._metastore.drop(table, name, there)
        happened("mended" if done else "not_mended", table=table, partition=name, difference=difference.kind)
        return done
