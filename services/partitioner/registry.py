"""What the log says of the days in; the metastore's partitions made to agree with it."""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from datetime import date

from eyeshot import metrics
from eyeshot.fail_point import reach
from eyeshot.logs import happened
from eyeshot.table import TABLE_NAMES, Slot
from services.partitioner import core
from services.partitioner.core import Registered
from services.partitioner.places import Place, Places
from services.partitioner.ports import Metastore, MetastoreRefused

ACTS_AT_ONCE = 20  # days swapped or dropped before the log is looked at for new ones


class Registry:
    """Remembers what it has seen in the metastore, and acts on what it sees there the moment before."""

    def __init__(
        self,
        *,
        places: Places,
        metastore: Metastore,
        read_on: Callable[[], Awaitable[None]],
        batch_max: int,
        epoch_ms: Callable[[], int],
    ) -> None:
        self._places = places
        self._metastore = metastore
        self._read_on = read_on
        self._batch_max = batch_max
        self._epoch_ms = epoch_ms
        self._seen: dict[Slot, Registered] = {}
        self._refused: dict[Slot, str] = {}
        self._looked = False
        self._settled = False

    @property
    def trouble(self) -> str | None:
        """Why the metastore may not be as the log says."""
        if not self._looked:
            return "reading the metastore's partitions"
        for (table, day), reason in self._refused.items():
            return f"{len(self._refused)} days cannot be swapped or dropped, as {table} of {day}: {reason}"
        strange = sorted(slot for slot, there in self._seen.items() if core.is_beyond(there, self._places.sequence))
        if not strange:
            return None
        table, day = strange[0]
        return (
            f"{len(strange)} partitions name manifests after {self._places.sequence}, which the log does not have, as"
            f" {table} of {day}: is this another log's metastore? make repair shows them"
        )

    async def look(self) -> AsyncGenerator[None, None]:
        """See every partition, a batch at a time."""
        await self._metastore.create_tables()
        for table in TABLE_NAMES:
            days = {day for name in await self._metastore.names(table) if (day := core.day_of_name(name))}
            for slot in [slot for slot in self._seen if slot.table == table and slot.day not in days]:
                del self._seen[slot]
            for some in core.chunks(sorted(days), self._batch_max):
                yield
                await self._see(table, some)
        self._looked = True

    async def prepare(self, today: date) -> None:
        """Register the days around today, which takes no knowledge of the log."""
        await self._register(sorted(core.days_around(today) - self._seen.keys()))

    async def settle(self, today: date) -> bool:
        """Register, swap and drop what the log and the calendar want; whether there is more to do at once."""
        if not self._looked:
            await self.prepare(today)
            return False
        plan = core.plan(self._seen, self._places, today)
        await self._register(plan.register)
        acts = [(slot, self._swap) for slot in plan.swap] + [(slot, self._drop) for slot in plan.drop]
        acts.sort(key=lambda act: act[0] in self._refused)
        self._refused = {slot: why for slot, why in self._refused.items() if slot in {act[0] for act in acts}}
        for slot, act in acts[:ACTS_AT_ONCE]:
            await self._try(act, slot, today)
        self._settled = True
        return len(acts) > max(ACTS_AT_ONCE, len(self._refused))

    async def _try(self, act: Callable[[Slot, date], Awaitable[None]], slot: Slot, today: date) -> None:
        """One day that cannot be helped keeps no other from it."""
        try:
            await act(slot, today)
            self._refused.pop(slot, None)
        except MetastoreRefused as refused:
            if slot not in self._refused:
                happened(
                    "refused", level=logging.WARNING, table=slot.table, day=slot.day.isoformat(), reason=str(refused)
                )
            self._refused[slot] = str(refused)

    async def _register(self, slots: list[Slot]) -> None:
        for table, days in core.batches(slots, self._batch_max):
            places = {day: self._place(Slot(table, day)) for day in days}
            now = self._epoch_ms()
            reach("before_register")
            await self._metastore.register(table, places, now)
            reach("after_register")
            await self._see(table, days)  # somebody else may have been there before
            metrics.PARTITIONS_REGISTERED.labels(table).inc(len(days))
            self._note_latency(table, days)
            happened(
                "days_registered", table=table, first=days[0].isoformat(), last=days[-1].isoformat(), days=len(days)
            )

    async def _swap(self, slot: Slot, today: date) -> None:
        """See, read on in the log, compare, swap: who put the partition where it is seen had read no further."""
        there = await self._see_one(slot)
        await self._read_on()
        place = core.wanted(slot, self._places.days, core.days_around(today), self._places.bucket)
        if there is None or place is None or self._leave_alone(there) or core.agree(place, there):
            return
        now = self._epoch_ms()
        reach("before_swap")
        if not await self._metastore.swap(slot.table, core.partition_name(slot.day), there, place, now):
            return
        reach("after_swap")
        await self._see_one(slot)
        metrics.LOCATIONS_SWAPPED.labels(slot.table).inc()
        happened(
            "location_swapped",
            table=slot.table,
            day=slot.day.isoformat(),
            manifest=place.manifest,
            before=there.location,
            now=place.location,
        )

    async def _drop(self, slot: Slot, today: date) -> None:
        there = await self._see_one(slot)
        await self._read_on()
        place = core.wanted(slot, self._places.days, core.days_around(today), self._places.bucket)
        if there is None or place is not None or self._leave_alone(there):
            return
        reach("before_drop")
        if not await self._metastore.drop(slot.table, core.partition_name(slot.day), there):
            return
        reach("after_drop")
        self._seen.pop(slot, None)
        metrics.PARTITIONS_DROPPED.labels(slot.table).inc()
        happened("day_dropped", table=slot.table, day=slot.day.isoformat(), before=there.location)

    def _leave_alone(self, there: Registered) -> bool:
        strange = core.is_beyond(there, self._places.sequence)
        if strange:
            happened("partition_left_alone", level=logging.WARNING, manifest=there.manifest)
        return strange

    def _place(self, slot: Slot) -> Place:
        place = core.wanted(slot, self._places.days, {slot}, self._places.bucket)
        assert place is not None
        return place

    async def _see_one(self, slot: Slot) -> Registered | None:
        await self._see(slot.table, [slot.day])
        return self._seen.get(slot)

    async def _see(self, table: str, days: Sequence[date]) -> None:
        found = await self._metastore.read(table, [core.partition_name(day) for day in days])
        for day in days:
            there = found.get(core.partition_name(day))
            if there is None:
                self._seen.pop(Slot(table, day), None)
            else:
                self._seen[Slot(table, day)] = there

    def _note_latency(self, table: str, days: list[date]) -> None:
        """From the manifest that put a day's first file there; what was there before the start says nothing."""
        known = [self._places.days.get(Slot(table, day)) for day in days]
        for place in known:
            if self._settled and place is not None:
                metrics.REGISTRATION_SECONDS.observe(max(0, self._epoch_ms() - place.since) / 1000)
