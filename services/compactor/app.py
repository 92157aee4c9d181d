"""Records in, committed Parquet files out: gather, decide, act."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from eyeshot import metrics
from eyeshot.commit_log import (
    CutReason,
    DataFile,
    Manifest,
    OffsetRange,
    RecreatedTopic,
    UnknownSchema,
    check_topic,
    next_offsets,
    successor,
)
from eyeshot.logs import happened
from services.compactor import core
from services.compactor.decode import decode
from services.compactor.log import CommitLog
from services.compactor.open_file import OpenFile
from services.compactor.ports import Source, Store, StoreUnavailable
from services.compactor.rows import KafkaRecord
from services.compactor.settings import Compactor as Settings

IDLE_SECONDS = 0.5


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
    ) -> None:
        self._source = source
        self._store = store
        self._log = CommitLog(store)
        self._topic = topic
        self._settings = settings
        self._zone = zone
        self._monotonic = monotonic
        self._epoch_ms = epoch_ms
        self._new_nonce = new_nonce
        self._topic_id = ""
        self._files: dict[core.Slot, OpenFile] = {}
        self._consumed = core.Consumed({})
        self._first_record_at: float | None = None
        self._turn = asyncio.Lock()  # a rebalance must not come between rows and their commit
        self._failure: Exception | None = None
        self.trouble: str | None = "starting"

    async def run(self, stop: asyncio.Event) -> None:
        """Compact until `stop` is set; then commit what is open and leave."""
        await self._log.check_store()
        await self._log.refresh()
        await self._log.recover()
        self._topic_id = await self._source.topic_id()
        await self._source.start(self._assigned, self._revoked)
        while not stop.is_set():
            if self._failure:
                raise self._failure
            wait = core.seconds_until_due(
                self._first_record_at,
                self._monotonic(),
                self._settings.flush_seconds,
                IDLE_SECONDS,
            )
            records = await self._source.poll(wait)
            async with self._turn:
                await self._take(records)
                if reason := self._due():
                    await self._cut(reason)
        async with self._turn:
            await self._cut("shutdown")
        await self._source.stop()

    async def _assigned(self, partitions: frozenset[int]) -> None:
        async with self._turn:
            with self._reported():
                await self._resume(partitions)
                self.trouble = None
        happened(
            "partitions_assigned",
            partitions=sorted(partitions),
            next_offsets=self._consumed.next_offsets(),
        )

    async def _revoked(self) -> None:
        async with self._turn:
            with self._reported():
                await self._cut("revoked")
            self._consumed = core.Consumed({})

    @contextmanager
    def _reported(self) -> Iterator[None]:
        """Hand a failure to the loop: the Kafka client would log what its listener raises, and go on."""
        try:
            yield
        except (StoreUnavailable, RecreatedTopic, UnknownSchema) as error:
            self._failure = error

    async def _resume(self, partitions: frozenset[int]) -> None:
        """Go on where the log says; what was open before is not in it, so it is read again."""
        await self._drop()
        tip = await self._log.refresh()
        if tip:
            check_topic(tip, self._topic_id)
        known = next_offsets(tip)
        starts = {partition: known[partition] for partition in partitions if partition in known}
        self._consumed = core.Consumed(await self._source.seek(starts))

    async def _take(self, records: list[KafkaRecord]) -> None:
        mine = self._consumed.take(records)
        self._show_lag()
        if not mine:
            return
        if self._first_record_at is None:
            self._first_record_at = self._monotonic()
        decoded = await asyncio.to_thread(decode, mine, self._zone)
        for slot, table in decoded.tables.items():
            await self._file(slot).write(table, decoded.times[slot])
        metrics.RECORDS_CONSUMED.inc(len(mine))
        metrics.UNCOMMITTED_BYTES.set(sum(file.projected_bytes for file in self._files.values()))
        for name, count in decoded.undeclared.items():
            metrics.undeclared(name, count)

    def _file(self, slot: core.Slot) -> OpenFile:
        if slot not in self._files:
            self._files[slot] = OpenFile(
                self._store,
                slot,
                self._new_nonce(),
                row_group_rows=self._settings.row_group_rows,
                part_bytes=self._settings.part_bytes,
            )
        return self._files[slot]

    def _due(self) -> CutReason | None:
        return core.due(
            largest_bytes=max((file.projected_bytes for file in self._files.values()), default=0),
            first_record_at=self._first_record_at,
            now=self._monotonic(),
            flush_bytes=self._settings.flush_bytes,
            flush_seconds=self._settings.flush_seconds,
        )

    async def _cut(self, reason: CutReason) -> None:
        """Finish the open files, commit them, and only then make them exist."""
        consumed = self._consumed.ranges()
        if not consumed:
            return
        files = [await file.finish() for file in self._files.values()]
        outcome = await self._log.commit(self._builder(reason, consumed, files))
        if not outcome.mine:
            happened("commit_lost", winner=outcome.tip.sequence)
            await self._resume(frozenset(self._consumed.next_offsets()))
            return
        await self._log.publish(outcome.tip)
        self._forget()
        self._consumed.committed()
        await self._source.hint(self._consumed.next_offsets())
        _count(outcome.tip)

    def _builder(
        self,
        reason: CutReason,
        consumed: tuple[OffsetRange, ...],
        files: list[DataFile],
    ) -> Callable[[Manifest | None], Manifest]:
        nonce, created_at = self._new_nonce(), self._epoch_ms()

        def build(tip: Manifest | None) -> Manifest:
            return successor(
                tip,
                nonce=nonce,
                topic=self._topic,
                topic_id=self._topic_id,
                created_at=created_at,
                reason=reason,
                consumed=consumed,
                files=files,
            )

        return build

    async def _drop(self) -> None:
        for file in self._files.values():
            await file.abort()
        self._forget()

    def _forget(self) -> None:
        self._files = {}
        self._first_record_at = None
        metrics.UNCOMMITTED_BYTES.set(0)

    def _show_lag(self) -> None:
        for partition, records in self._source.lag(self._consumed.next_offsets()).items():
            metrics.LAG_RECORDS.labels(partition).set(records)


def _count(manifest: Manifest) -> None:
    metrics.COMMITS.labels(manifest.reason).inc()
    for file in manifest.files:
        metrics.FILES_COMMITTED.labels(file.table).inc()
        metrics.ROWS_COMMITTED.labels(file.table).inc(file.rows)
        metrics.BYTES_COMMITTED.labels(file.table).inc(file.bytes)
    happened(
        "committed",
        sequence=manifest.sequence,
        reason=manifest.reason,
        files=len(manifest.files),
        rows=sum(file.rows for file in manifest.files),
        bytes=sum(file.bytes for file in manifest.files),
    )
