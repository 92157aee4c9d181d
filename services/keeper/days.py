"""The log and the topic in; a day replaced by a rewriting of it, committed, out."""

import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import structs

from eyeshot.commit_log import CutReason, DataFile, Draft, Kind, Manifest, Replaced
from eyeshot.lake.days import LakeDays
from eyeshot.lake.log import CommitLog
from eyeshot.lake.ports import StoreUnavailable, Topic
from eyeshot.live import Live
from eyeshot.logs import happened
from eyeshot.table import Slot, rewritten_prefix
from services.keeper import core


class Replacement(NamedTuple):
    """A day's files as they were read, and what shall be there in their place: other files, or none."""

    slot: Slot
    nonce: str
    files: tuple[DataFile, ...]
    replaced: tuple[Live, ...]
    through: int
    erased: int = 0

    @property
    def before(self) -> tuple[DataFile, ...]:
        """The files that it replaces."""
        return tuple(live.file for live in self.replaced)

    @property
    def folder(self) -> str:
        """Where the new files lie, with a closing slash."""
        return rewritten_prefix(*self.slot, self.nonce)


class Days(LakeDays):
    """The days, as one who replaces some of them sees them. All of it may raise StoreUnavailable."""

    def __init__(
        self,
        *,
        log: CommitLog,
        topic: Topic,
        zone: ZoneInfo,
        clock_seconds_max: float,
        epoch_ms: Callable[[], int],
        new_nonce: Callable[[], str],
    ) -> None:
        super().__init__(log=log, topic=topic, zone=zone, clock_seconds_max=clock_seconds_max, epoch_ms=epoch_ms)
        self.new_nonce = new_nonce

    def replacement(self, slot: Slot) -> Replacement:
        """A day as it is now, with nothing in its place yet."""
        return Replacement(slot, self.new_nonce(), (), tuple(self.live.entries(slot)), self.live.sequence)

    async def replace(self, new: Replacement, kind: Kind, reason: CutReason) -> Manifest | None:
        """The manifest that puts it into the log; None when somebody else rewrote the day meanwhile, or gave it up."""
        gone = Replaced(table=new.slot.table, day=new.slot.day, through=new.through)
        await self._log.refresh()
        await self.read_on()
        valid = self._still_valid(new)
        outcome = await self._log.commit(
            structs.replace(self._draft(kind, reason, new.nonce), files=new.files, replaced=(gone,), erased=new.erased),
            wanted=lambda: valid and not core.spoils(self._log.tip, new.replaced, new.folder),
        )
        if not outcome.mine:
            winner = outcome.manifest.sequence
            happened("rewriting_lost", table=new.slot.table, day=new.slot.day.isoformat(), winner=winner)
            return None
        self._log.window.published(outcome.manifest.sequence)
        return outcome.manifest

    async def give_up(self, folders: Sequence[str]) -> bool:
        """Note that these rewritings must not be committed any more; False when one of them was, meanwhile."""
        await self._log.refresh()
        await self.read_on()
        if not self.live.rewritings.isdisjoint(folders):
            return False
        outcome = await self._log.commit(
            structs.replace(self._draft("sweep", "sweep", self.new_nonce()), given_up=tuple(folders)),
            wanted=lambda: not core.commits_any(self._log.tip, folders),
        )
        if outcome.mine:
            self._log.window.published(outcome.manifest.sequence)
            happened("rewritings_given_up", level=logging.WARNING, folders=list(folders[:10]), number=len(folders))
        return outcome.mine

    def _still_valid(self, new: Replacement) -> bool:
        return core.holds(self.live.files(new.slot), new.replaced) and new.folder not in self.live.given_up

    def _draft(self, kind: Kind, reason: CutReason, nonce: str) -> Draft:
        tip = self._log.tip
        if tip is None:
            raise StoreUnavailable("the log is empty: no compactor has committed anything yet")
        return Draft(
            kind=kind,
            nonce=nonce,
            topic=tip.topic,
            topic_id=tip.topic_id,
            created_at=self._epoch_ms(),
            reason=reason,
            time_zone=self.zone.key,
        )
