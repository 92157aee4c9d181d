"""Rows to erase in; days without them, each committed by one manifest, out: find, rewrite, read back, commit."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from eyeshot.commit_log import DataFile
from eyeshot.logs import happened
from eyeshot.table import Slot
from services.keeper import core
from services.keeper.days import Days
from services.keeper.ports import Chosen, Rewriter, Rewritten
from services.keeper.tiers import tier_of

ATTEMPTS = 5  # a day that merges keep coming to is given up after so many rewritings


class Wanted(Chosen, Protocol):
    """Rows to erase, and the days where they may be."""

    def concerns(self, slot: Slot) -> bool:
        """Whether they may be in this day of this table."""


class Found(NamedTuple):
    """A day in which there are such rows."""

    slot: Slot
    rows: int
    files: int
    closed: bool


class NotErased(Exception):
    """A day's rows are where they were; the text says why."""


class Eraser:
    """Erases rows from closed days. All of it may raise what the store and the topic do."""

    def __init__(self, *, days: Days, rewriter: Rewriter) -> None:
        self._days = days
        self._rewriter = rewriter

    async def find(self, wanted: Wanted) -> list[Found]:
        """Every day of the table, as the log is now, that has such rows."""
        await self._days.read_on()
        closed = frozenset(await self._days.closed())
        found = []
        for slot in filter(wanted.concerns, self._days.live.days()):
            files = self._days.live.files(slot)
            if rows := await self._rewriter.count(files, wanted):
                found.append(Found(slot, rows, len(files), slot in closed))
        return found

    async def erase(self, slot: Slot, wanted: Wanted) -> int:
        """Take the rows out of a closed day; how many were. Raises NotErased."""
        for _ in range(ATTEMPTS):
            await self._days.read_on()
            day = self._days.replacement(slot)
            rewritten = await self._rewriter.rewrite(slot, day.before, day.nonce, tier_of(day.before), wanted)
            await self._check(slot, day.before, rewritten, wanted)
            day = day._replace(files=rewritten.files, erased=rewritten.left_out)
            manifest = await self._days.replace(day, "erase", "erase")
            if manifest:
                happened(
                    "rows_erased",
                    sequence=manifest.sequence,
                    table=slot.table,
                    day=slot.day.isoformat(),
                    rows=rewritten.left_out,
                )
                return rewritten.left_out
            await self._rewriter.discard(rewritten.files)
        raise NotErased(f"{slot.table} of {slot.day}: others rewrote the day {ATTEMPTS} times meanwhile; run it again")

    async def _check(self, slot: Slot, before: Sequence[DataFile], now: Rewritten, wanted: Wanted) -> None:
        """The new files hold every other row, and none of those."""
        rows = sum(file.rows for file in before)
        try:
            core.check_same(now.read, await self._rewriter.tally(now.files), slot)
        except core.RowsDiffer as error:
            await self._rewriter.discard(now.files)
            raise NotErased(str(error)) from error
        if now.read.rows + now.left_out != rows or await self._rewriter.count(now.files, wanted):
            await self._rewriter.discard(now.files)
            raise NotErased(
                f"{slot.table} of {slot.day}: of {rows} rows {now.read.rows} stayed and {now.left_out} were erased:"
                " not all that should are gone"
            )
