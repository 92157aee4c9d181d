"""The log in; merges out: read on, decide, rewrite, compare, commit."""

import asyncio
import logging
from collections.abc import Callable
from zoneinfo import ZoneInfo

from eyeshot import metrics
from eyeshot.commit_log import Draft, Replaced
from eyeshot.lake.log import CommitLog
from eyeshot.lake.ports import NoSuchObject, StoreUnavailable
from eyeshot.live import LiveTable
from eyeshot.logs import happened
from eyeshot.table import Slot
from services.keeper import core
from services.keeper.ports import Rewriter, Rewritten, Topic, TopicUnavailable
from services.keeper.settings import Keeper as Settings


class Keeper:
    """Keeps closed days in few large files. Any number of keepers may run: a day is committed by one of them."""

    def __init__(
        self,
        *,
        log: CommitLog,
        topic: Topic,
        rewriter: Rewriter,
        settings: Settings,
        zone: ZoneInfo,
        epoch_ms: Callable[[], int],
        new_nonce: Callable[[], str],
    ) -> None:
        self._log = log
        self._topic = topic
        self._rewriter = rewriter
        self._settings = settings
        self._zone = zone
        self._epoch_ms = epoch_ms
        self._new_nonce = new_nonce
        self._live = LiveTable()
        self.trouble: str | None = "starting"

    async def run(self, stop: asyncio.Event) -> None:
        """Keep days until `stop` is set; a merge under way is finished first."""
        while not stop.is_set():
            merged = await self._step()
            if not merged:
                await asyncio.wait({asyncio.create_task(stop.wait())}, timeout=self._settings.poll_seconds)

    async def _step(self) -> bool:
        """Merge the oldest day that is worth it; whether there was one."""
        try:
            await self._read_on()
            slot = await self._next_day()
            if slot:
                await self._merge(slot)
        except (StoreUnavailable, NoSuchObject, TopicUnavailable, core.RowsDiffer) as error:
            self._note_failure(error)
            return False
        self.trouble = None
        return slot is not None

    async def _read_on(self) -> None:
        async for manifest in self._log.manifests_after(self._live.sequence):
            self._live.append(manifest)

    async def _next_day(self) -> Slot | None:
        asked_at = self._epoch_ms()
        caught_up = core.caught_up(
            await self._topic.ends(),
            self._live.next_offsets,
            asked_at,
            round(self._settings.clock_seconds_max * 1000),
        )
        days = core.to_merge(self._live, self._zone, caught_up, self._settings.file_bytes, self._settings.gain_min)
        return days[0] if days else None

    async def _merge(self, slot: Slot) -> None:
        files, through = self._live.files(slot), self._live.sequence
        nonce = self._new_nonce()
        rewritten = await self._rewriter.merge(slot, files, nonce)
        try:
            core.check_same(rewritten.read, await self._rewriter.tally(rewritten.files), slot)
        except core.RowsDiffer:
            await self._rewriter.discard(rewritten.files)
            raise
        await self._commit(slot, nonce, rewritten, through)

    async def _commit(self, slot: Slot, nonce: str, rewritten: Rewritten, through: int) -> None:
        """Put the merge into the log, unless somebody else has rewritten the day meanwhile."""
        replaced = self._live.files(slot)
        await self._log.refresh()
        await self._read_on()
        tip = self._log.tip
        assert tip is not None  # there is a day, so there is a log
        draft = Draft(
            kind="merge",
            nonce=nonce,
            topic=tip.topic,
            topic_id=tip.topic_id,
            created_at=self._epoch_ms(),
            reason="merge",
            time_zone=self._zone.key,
            files=rewritten.files,
            replaced=(Replaced(table=slot.table, day=slot.day, through=through),),
        )
        still_there = core.holds(self._live.files(slot), replaced)
        outcome = await self._log.commit(
            draft, wanted=lambda: still_there and not core.takes_any(self._log.tip, replaced, through)
        )
        if not outcome.mine:
            happened("merge_lost", table=slot.table, day=slot.day.isoformat(), winner=outcome.manifest.sequence)
            await self._rewriter.discard(rewritten.files)
            return
        self._log.window.published(outcome.manifest.sequence)
        metrics.DAYS_MERGED.labels(slot.table).inc()
        happened(
            "day_merged",
            sequence=outcome.manifest.sequence,
            table=slot.table,
            day=slot.day.isoformat(),
            rows=rewritten.read.rows,
            files_before=len(replaced),
            files_now=len(rewritten.files),
            bytes_before=sum(file.bytes for file in replaced),
            bytes_now=sum(file.bytes for file in rewritten.files),
        )

    def _note_failure(self, error: Exception) -> None:
        metrics.REWRITES_FAILED.inc()
        if self.trouble != str(error):
            happened("waiting", level=logging.WARNING, reason=str(error))
        self.trouble = str(error)
