"""The log in; days that expire, merges, and rewritings that nobody wanted, out: read on, decide, do, commit."""

import asyncio
import logging
from collections.abc import Callable
from typing import Literal

from eyeshot import metrics
from eyeshot.commit_log import DataFile
from eyeshot.fail_point import reach
from eyeshot.lake.ports import NoSuchObject, StoreUnavailable, TopicUnavailable, UploadLost
from eyeshot.logs import happened
from eyeshot.table import Slot
from services.keeper import core
from services.keeper.days import Days
from services.keeper.ports import Rewriter
from services.keeper.settings import Keeper as Settings
from services.keeper.tiers import Move, tier_of, to_move

SWEEPS_PER_AGE = 24  # how often it looks for rewritings that nobody committed


class Keeper:
    """Keeps closed days in few large files. Any number of keepers may run: a day is committed by one of them."""

    def __init__(self, *, days: Days, rewriter: Rewriter, settings: Settings, monotonic: Callable[[], float]) -> None:
        self._days = days
        self._rewriter = rewriter
        self._settings = settings
        self._monotonic = monotonic
        self._leftovers = core.Leftovers(settings.sweep_seconds)
        self._swept_at: float | None = None
        self.trouble: str | None = "starting"

    async def run(self, stop: asyncio.Event) -> None:
        """Keep days until `stop` is set; a merge under way is finished first."""
        while not stop.is_set():
            if not await self._step():
                await asyncio.wait({asyncio.create_task(stop.wait())}, timeout=self._settings.poll_seconds)

    async def _step(self) -> bool:
        """Drop a day that has expired, else merge one that is worth it, else move one that is due; whether any was."""
        try:
            await self._sweep()
            await self._days.read_on()
            found = await self._next()
        except (StoreUnavailable, NoSuchObject, UploadLost, TopicUnavailable, core.RowsDiffer) as error:
            self._note_failure(error)
            return False
        self.trouble = None
        return found

    async def _next(self) -> bool:
        """Moves come last, for they may be many and nobody waits for one; what is to be moved is merged on the way."""
        closed = await self._days.closed()
        limits, live, zone, now_ms = self._settings, self._days.live, self._days.zone, self._days.now_ms()
        for slot in core.expired(closed, zone, now_ms, limits.retention_days):
            await self._drop(slot)
            return True
        moves = to_move(live, closed, zone, now_ms, limits.ages)
        staying = [slot for slot in closed if slot not in {move.slot for move in moves}]
        for slot in core.to_merge(live, staying, limits.file_bytes, limits.gain_min):
            await self._rewrite(Move(slot, tier_of(live.files(slot))), "merge")
            return True
        for move in moves:
            await self._rewrite(move, "tier")
            return True
        return False

    async def _drop(self, slot: Slot) -> None:
        """Replace a day by nothing. Its files are in the table no more; who swaps locations deletes them."""
        day = self._days.replacement(slot)
        rows = _rows(day.before)
        manifest = await self._days.replace(day._replace(erased=rows), "erase", "retention")
        if manifest is None:
            return
        metrics.DAYS_EXPIRED.labels(slot.table).inc()
        happened(
            "day_expired",
            sequence=manifest.sequence,
            table=slot.table,
            day=slot.day.isoformat(),
            rows=rows,
            files=len(day.before),
        )

    async def _rewrite(self, move: Move, kind: Literal["merge", "tier"]) -> None:
        """The day in few files of that tier: written, read back, compared, committed."""
        slot, tier = move
        day = self._days.replacement(slot)
        reach("before_rewriting")
        rewritten = await self._rewriter.rewrite(slot, day.before, day.nonce, tier)
        reach("after_rewriting")
        try:
            core.check_same(rewritten.read, await self._rewriter.tally(rewritten.files), slot)
        except core.RowsDiffer:
            await self._rewriter.discard(rewritten.files)
            raise
        day = day._replace(files=rewritten.files)
        reach("before_replacement")
        manifest = await self._days.replace(day, kind, kind)
        if manifest is None:
            await self._rewriter.discard(rewritten.files)
            return
        reach("after_replacement")
        (metrics.DAYS_MERGED if kind == "merge" else metrics.DAYS_MOVED).labels(slot.table).inc()
        happened(
            "day_merged" if kind == "merge" else "day_moved",
            sequence=manifest.sequence,
            tier=tier,
            table=slot.table,
            day=slot.day.isoformat(),
            rows=rewritten.read.rows,
            files_before=len(day.before),
            files_now=len(day.files),
            bytes_before=_bytes(day.before),
            bytes_now=_bytes(day.files),
        )

    async def _sweep(self) -> None:
        """Remove rewritings that nobody committed: listed before the log is read, and given up in the log first."""
        now = self._monotonic()
        if self._swept_at is not None and now - self._swept_at < self._settings.sweep_seconds / SWEEPS_PER_AGE:
            return
        listed = await self._rewriter.folders()
        await self._days.read_on()
        live = self._days.live
        new = self._leftovers.due(listed - live.rewritings - live.given_up, now)
        if new and not await self._days.give_up(new):
            return
        for folder in sorted(listed & live.given_up | set(new)):
            reach("before_removal")
            await self._rewriter.remove(folder)
            reach("after_removal")
            metrics.REWRITINGS_REMOVED.inc()
        await self._abort_uploads()
        self._swept_at = now

    async def _abort_uploads(self) -> None:
        """What a dead keeper left of a file; a store that lists no uploads expires them itself."""
        try:
            aborted = await self._rewriter.abort(self._days.now_ms() - round(self._settings.sweep_seconds * 1000))
        except StoreUnavailable as error:
            happened("sweep_failed", level=logging.WARNING, reason=str(error))
            return
        if aborted:
            happened("uploads_swept", uploads=aborted)

    def _note_failure(self, error: Exception) -> None:
        metrics.REWRITES_FAILED.inc()
        if self.trouble != str(error):
            happened("waiting", level=logging.WARNING, reason=str(error))
        self.trouble = str(error)


def _rows(files: tuple[DataFile, ...]) -> int:
    return sum(file.rows for file in files)


def _bytes(files: tuple[DataFile, ...]) -> int:
    return sum(file.bytes for file in files)
