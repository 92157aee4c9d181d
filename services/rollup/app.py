"""The log in; business days that are over, counted by Trino, in PostgreSQL out: read on, ask, look again, store."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import aclosing
from datetime import date

from eyeshot import metrics
from eyeshot.fail_point import reach
from eyeshot.lake.days import LakeDays
from eyeshot.lake.ports import NoSuchObject, StoreUnavailable, TopicUnavailable
from eyeshot.logs import happened
from services.rollup import core, statement
from services.rollup.core import NotSeen, State
from services.rollup.ports import Book, DatabaseUnavailable, Entry, QuestionFailed, Sheet, Trino, TrinoUnavailable
from services.rollup.settings import Rollup as Settings
from services.rollup.statement import Rules, Share, Totals

AWAY = {
    StoreUnavailable: "store",
    NoSuchObject: "store",
    TopicUnavailable: "kafka",
    TrinoUnavailable: "trino",
    DatabaseUnavailable: "database",
}


class Rollup:
    """Keeps one row per closed business day, site, page, link and placement. Any number of them may run."""

    def __init__(
        self, *, days: LakeDays, trino: Trino, book: Book, settings: Settings, monotonic: Callable[[], float]
    ) -> None:
        self._days = days
        self._trino = trino
        self._book = book
        self._settings = settings
        self._monotonic = monotonic
        self._rules = Rules(settings.suspects == "count", settings.refused_quality)
        self._tables_exist = False
        self._said: set[str] = set()
        self.trouble: str | None = "starting"

    async def run(self, stop: asyncio.Event) -> None:
        """Roll days up until `stop` is set; a day under way is given up then, and nothing of it is stored."""
        stopping = asyncio.create_task(stop.wait())
        while not stop.is_set():
            step = asyncio.create_task(self.step())
            await asyncio.wait({step, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not step.done():
                step.cancel()
            await asyncio.wait({step})
            if not step.cancelled():
                step.result()
            await asyncio.wait({stopping}, timeout=self._settings.poll_seconds)

    async def step(self) -> None:
        """Write every business day that is over and of which the table has another state than the log."""
        try:
            if not self._tables_exist:
                await self._book.create_tables()
                self._tables_exist = True
            await self._days.read_on()
            due = await self._due()
            metrics.ROLLUP_DAYS_BEHIND.set(len(due))
            failed = [each for each in [await self._try(each) for each in due] if each]
            metrics.ROLLUP_DAYS_BEHIND.set(len(failed))
        except tuple(AWAY) as error:
            part = next(name for kind, name in AWAY.items() if isinstance(error, kind))
            metrics.ROLLUP_FAILURES.labels(part).inc()
            self._tables_exist = False  # perhaps it is another database that comes back
            self._waits(str(error))
            return
        self._goes_on(failed)

    async def _due(self) -> list[State]:
        """Closed business days to be written, oldest first. Kafka is asked only if a day that is over has changed."""
        days, settings = self._days, self._settings
        now_ms = days.now_ms()
        states = [
            self._state(day)
            for day in core.business_days(days.live.numbered(core.EVENTS), settings.zone, days.zone)
            if core.is_over(day, settings.zone, now_ms)
        ]
        first = core.first_day(settings.zone, now_ms, settings.days_back)
        due = core.changed(states, await self._book.known(), self._rules.definition, first)
        if not due:
            return []
        slots = sorted({piece.slot for state in due for piece in state.pieces})
        closed = frozenset(await days.closed_of(slots))
        return [state for state in due if all(piece.slot in closed for piece in state.pieces)]

    def _state(self, day: date) -> State:
        return core.state(self._days.live, day, core.pieces(day, self._settings.zone, self._days.zone))

    async def _try(self, state: State) -> str | None:
        """Write one day; why it could not be, when that need not hold for other days too."""
        try:
            await self._write(state)
        except (NotSeen, QuestionFailed) as error:
            metrics.ROLLUP_FAILURES.labels("metastore" if isinstance(error, NotSeen) else "question").inc()
            return f"{state.day}: {error}"
        return None

    async def _write(self, state: State) -> None:
        async with self._book.sheet(state.day) as sheet:
            if sheet is None or not core.changed([state], self._known(state, sheet), self._rules.definition, None):
                return  # somebody else writes it now, or has just done so
            began = self._monotonic()
            totals = await self._ask(state, sheet)
            await self._days.read_on()
            if self._state(state.day) != state:
                raise NotSeen("the log has moved the day on meanwhile")
            entry = Entry(state.manifest, self._rules.definition, *totals[1:])
            change = await sheet.store(entry)
            reach("after_rollup_commit")
        metrics.ROLLUP_SECONDS.observe(self._monotonic() - began)
        metrics.DAYS_ROLLED_UP.inc()
        metrics.ROLLUP_ROWS_WRITTEN.inc(change.written)
        metrics.ROLLUP_ROWS_DELETED.inc(change.deleted)
        happened("day_rolled_up", day=state.day.isoformat(), **entry._asdict(), **change._asdict())

    def _known(self, state: State, sheet: Sheet) -> dict[date, core.Known]:
        return {state.day: sheet.known} if sheet.known else {}

    async def _ask(self, state: State, sheet: Sheet) -> Totals:
        """Ask about the day, share by share, and put the answers aside; what was come across in all."""
        seen = [list(row) async for rows in self._trino.rows(statement.counting(state.pieces)) for row in rows]
        self.trouble = None  # everybody has answered; how long the days take is no trouble
        core.check_seen(state, seen[0])
        shares = core.slices(sum(state.rows), self._settings.slice_rows)
        totals: list[Totals] = []
        for number in range(shares):
            totals.append(await self._ask_share(state, sheet, Share(number, shares)))
            core.check_seen(state, totals[-1].seen)
            reach("after_rollup_copy")
        together = totals[0]
        for each in totals[1:]:
            together = together.with_share(each)
        return together

    async def _ask_share(self, state: State, sheet: Sheet, share: Share) -> Totals:
        start = core.start_ms(state.day, self._settings.zone)
        found = Totals((0,) * len(state.pieces))
        reach("before_rollup_query")
        asked = self._trino.rows(statement.question(state.pieces, start, self._rules, share))
        async with aclosing(asked) as answer:
            async for rows in answer:
                found = found.with_rows(statement.totals(rows, len(state.pieces)))
                reach("after_rollup_query")
                await sheet.stage(statement.groups(rows))
        return found

    def _waits(self, reason: str) -> None:
        if self.trouble != reason:
            happened("waiting", level=logging.WARNING, reason=reason)
        self.trouble = reason

    def _goes_on(self, failed: Sequence[str]) -> None:
        """Days that wait for the metastore, or that Trino cannot count, keep no other day from being written."""
        self.trouble = None
        for reason in set(failed) - self._said:
            happened("day_waits", level=logging.WARNING, reason=reason)
        self._said = set(failed)
