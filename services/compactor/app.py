"""Records in, committed Parquet files out: gather, decide, act."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from zoneinfo import ZoneInfo

from eyeshot import metrics
from eyeshot.commit_log import CutReason, Draft, OffsetRange, check_topic, next_offsets
from eyeshot.fail_point import reach
from eyeshot.lake.log import CommitLog
from eyeshot.lake.open_file import OpenFile
from eyeshot.lake.ports import Store
from eyeshot.lake.publish import Publisher
from eyeshot.logs import happened
from eyeshot.table import Slot, file_key
from services.compactor import core, gauges
from services.compactor.decode import decode, events_by_partition
from services.compactor.duplicates import Duplicates
from services.compactor.ports import Source
from services.compactor.repair import Rebuilder
from services.compactor.rows import KafkaRecord
from services.compactor.settings import Compactor as Settings
from services.compactor.sweep import sweep

IDLE_SECONDS = 0.5
SWEEP_PAUSE_SECONDS = 3_600
GIVE_UP_SECONDS = 5.0
LEAVING = frozenset({"shutdown", "revoked"})


class Compactor:
    """One member of the group that shares the topic."""

    def __init__(
        self,
        *,
        source: Source,
        store: Store,
        topic: str,
        settings: Settings,
        zone: ZoneInfo,
        monotonic: Callable[[], float],
        epoch_ms: Callable[[], int],
        new_nonce: Callable[[], str],
        resident_bytes: Callable[[], int] = lambda: 0,
    ) -> None:
        self._source = source
        self._store = store
        self._log = CommitLog(store)
        self._publisher = Publisher(store, self._log, Rebuilder(source, store, settings, epoch_ms, new_nonce))
        self._duplicates = Duplicates(source, zone, settings.deduplication)
        self._topic = topic
        self._settings = settings
        self._zone = zone
        self._monotonic = monotonic
        self._epoch_ms = epoch_ms
        self._new_nonce = new_nonce
        self._resident_bytes = resident_bytes
        self._topic_id = ""
        self._files: dict[Slot, OpenFile] = {}
        self._consumed = core.Consumed({})
        self._first_record_at: float | None = None
        self._position = 0  # raised with every seek: what was polled before one is not taken after it
        self._swept_at: float | None = None
        self._turn = asyncio.Lock()  # a rebalance must not come between rows and their commit
        self._failure: Exception | None = None
        self.trouble: str | None = "starting"

    async def run(self, stop: asyncio.Event) -> None:
        """Compact until `stop` is set; then commit what is open and leave."""
        await self._log.check_store()
        await self._publisher.recover()
        await _unless(stop, self._join())
        while not stop.is_set():
            await self._step()
        async with self._my_turn():
            await self._cut("shutdown")
        await self._source.stop()

    async def _join(self) -> None:
        """Share the topic from here on; waits for Kafka, however long it is away."""
        self._topic_id = await self._source.topic_id()
        await self._source.start(self._assigned, self._revoked)

    async def _step(self) -> None:
        position = self._position
        records = await self._source.poll(self._seconds_until_due())
        async with self._my_turn():
            if position != self._position:  # a rebalance came between: nobody knows from which side these records are
                await self._resume(frozenset(self._consumed.next_offsets()))
                return
            await self._take(records)
            if reason := self._due():
                await self._cut(reason)
            await self._sweep_now_and_then()

    async def _assigned(self, partitions: frozenset[int]) -> None:
        async with self._my_turn():
            await self._resume(partitions)
            self.trouble = None
        happened("partitions_assigned", partitions=sorted(partitions), next_offsets=self._consumed.next_offsets())

    async def _revoked(self) -> None:
        async with self._my_turn():
            reach("on_revoke")
            await self._cut("revoked")
            gauges.forget_lag(self._consumed.next_offsets())
            self._own_nothing()

    @asynccontextmanager
    async def _my_turn(self) -> AsyncIterator[None]:
        """One thing at a time, and nothing after a failure: what is open then may lack rows that count as consumed.

        The Kafka client logs what its listener raises, and goes on without it; the loop raises it once more.
        """
        async with self._turn:
            if self._failure:
                raise self._failure
            try:
                yield
            except Exception as error:
                self._failure = error
                raise

    async def _resume(self, partitions: frozenset[int]) -> None:
        """Go on where the log says; what was open before is not in it, so it is read again."""
        await self._drop()
        if not partitions:
            self._duplicates.go_on({})
            return
        await self._publisher.recover()  # whoever owned these partitions may be dead
        tip = self._log.tip
        if tip:
            check_topic(tip, self._topic_id)
        known = next_offsets(tip)
        expected = {partition: known[partition] for partition in partitions if partition in known}
        self._consumed = core.Consumed(await self._source.seek(expected), expected)
        self._position += 1
        self._duplicates.go_on(self._consumed.next_offsets())
        reach("after_seek")
        gauges.show_lost(self._consumed.lost())

    async def _take(self, records: list[KafkaRecord]) -> None:
        mine = self._consumed.take(records)
        self._show_lag()
        if not mine:
            return
        if self._first_record_at is None:
            self._first_record_at = self._monotonic()
        decoded = await asyncio.to_thread(decode, mine, self._zone)
        found = events_by_partition(decoded)
        duplicates = await self._duplicates.leave_out(mine, decoded)
        for slot, table in decoded.tables.items():
            await self._file(slot).write(table, decoded.times[slot])
        for partition, events in found.items():
            self._consumed.found(partition, events=events, duplicates=duplicates.get(partition, 0))
        metrics.RECORDS_CONSUMED.inc(len(mine))
        for name, count in decoded.undeclared.items():
            metrics.undeclared(name, count)

    def _file(self, slot: Slot) -> OpenFile:
        if slot not in self._files:
            self._files[slot] = OpenFile(
                self._store,
                slot,
                file_key(*slot, self._new_nonce()),
                row_group_rows=self._settings.row_group_rows,
                part_bytes=self._settings.part_bytes,
            )
        return self._files[slot]

    def _seconds_until_due(self) -> float:
        return core.seconds_until_due(
            self._first_record_at, self._monotonic(), self._settings.flush_seconds, IDLE_SECONDS
        )

    def _due(self) -> CutReason | None:
        held_bytes = sum(file.memory_bytes for file in self._files.values())
        memory_bytes = max(self._resident_bytes(), core.MEMORY_BYTES_AT_REST + held_bytes + self._duplicates.bytes)
        gauges.show_open([file.projected_bytes for file in self._files.values()], memory_bytes)
        return core.due(
            largest_bytes=max((file.projected_bytes for file in self._files.values()), default=0),
            first_record_at=self._first_record_at,
            now=self._monotonic(),
            flush_bytes=self._settings.flush_bytes,
            flush_seconds=self._settings.flush_seconds,
            memory_bytes=memory_bytes,
            held_bytes=held_bytes,
            memory_bytes_max=self._settings.memory_bytes_max,
        )

    async def _cut(self, reason: CutReason) -> None:
        """Finish the open files, commit them, and only then make them exist."""
        consumed = self._consumed.ranges()
        if not consumed:
            return
        outcome = await self._log.commit(await self._draft(reason, consumed))
        if not outcome.mine:
            happened("commit_lost", winner=outcome.manifest.sequence)
            await self._resume(frozenset() if reason in LEAVING else frozenset(self._consumed.next_offsets()))
            return
        self._forget()
        self._consumed.committed()
        await self._publisher.publish(outcome.manifest)
        reach("before_offsets")
        await self._source.hint(self._consumed.next_offsets())
        reach("after_offsets")
        gauges.show_commit(outcome.manifest, self._epoch_ms())

    async def _draft(self, reason: CutReason, consumed: tuple[OffsetRange, ...]) -> Draft:
        nonce = self._new_nonce()
        files = [
            await file.finish(commit=nonce, topic_id=self._topic_id, ranges=consumed) for file in self._files.values()
        ]
        return Draft(
            nonce=nonce,
            topic=self._topic,
            topic_id=self._topic_id,
            created_at=self._epoch_ms(),
            reason=reason,
            time_zone=self._zone.key,
            consumed=consumed,
            files=tuple(files),
            lost=self._consumed.lost(),
            deduplication=self._settings.deduplication,
        )

    async def _drop(self) -> None:
        """Forget what is open; from here on nothing is owned until the log was read."""
        files, self._files = self._files, {}
        self._own_nothing()
        self._forget()
        for file in files.values():
            reach("before_abort")
            await file.abort()

    def _own_nothing(self) -> None:
        self._consumed = core.Consumed({})
        self._position += 1

    def _forget(self) -> None:
        self._files = {}
        self._first_record_at = None

    async def _sweep_now_and_then(self) -> None:
        now = self._monotonic()
        if self._swept_at is None or now - self._swept_at >= SWEEP_PAUSE_SECONDS:
            self._swept_at = now
            named = self._log.window.upload_ids()
            await sweep(self._store, named, self._epoch_ms(), self._settings.sweep_seconds * 1000)

    def _show_lag(self) -> None:
        gauges.show_lag(self._source.lag(self._consumed.next_offsets()), self._consumed.newest, self._epoch_ms())


async def _unless(stop: asyncio.Event, waiting: Coroutine[Any, Any, None]) -> None:
    """Wait for it, or give it up as soon as `stop` is set."""
    task, stopped = asyncio.create_task(waiting), asyncio.create_task(stop.wait())
    await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=GIVE_UP_SECONDS)  # the Kafka client may lose a cancellation
    elif error := task.exception():
        raise error
