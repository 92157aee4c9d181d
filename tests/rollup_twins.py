"""Twins of the rollup's ports: a Trino that answers what it is told to, and a book in memory."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

from services.rollup.core import Known
from services.rollup.ports import Change, Entry
from services.rollup.statement import Group

Row = tuple[Any, ...]


class MemoryTrino:
    """Sees so many rows of each partition, and of each question's day the groups that it is told."""

    def __init__(self, seen: Mapping[str, int]) -> None:
        self.seen = dict(seen)
        self.links = ["l"]
        self.questions: list[str] = []
        self.meanwhile: Callable[[str], Any] | None = None

    async def rows(self, statement: str) -> AsyncGenerator[list[Sequence[Any]], None]:
        """The partition's rows, or one impression of each link and the rest as what does not count."""
        (seen,) = [rows for day, rows in self.seen.items() if f"day = '{day}'" in statement]
        if statement.startswith("SELECT count_if"):
            yield [[seen]]
            return
        self.questions.append(statement)
        if self.meanwhile:
            await self.meanwhile(statement)
        groups: list[Sequence[Any]] = [
            ["demo", "p", link, "inline", 1, 0, 1, 1, 1_000, 1, 1, 0, 0, 0, 1] for link in self.links
        ]
        yield groups
        yield [[None, None, None, None, 0, 0, 0, 0, None, 0, 0, 0, 0, 0, seen - len(groups)]]


class MemoryBook:
    """The table as a dictionary. `stored` are the entries in the order in which they were stored."""

    def __init__(self) -> None:
        self.rows: dict[date, dict[bytes, Row]] = {}
        self.entries: dict[date, Entry] = {}
        self.stored: list[date] = []
        self._taken: set[date] = set()

    async def create_tables(self) -> None:
        """Nothing to do."""

    async def known(self) -> Mapping[date, Known]:
        """What is in."""
        return {day: Known(entry.manifest, entry.definition) for day, entry in self.entries.items()}

    @asynccontextmanager
    async def sheet(self, day: date) -> AsyncIterator["MemorySheet | None"]:
        """The day, for one at a time."""
        if day in self._taken:
            yield None
            return
        self._taken.add(day)
        try:
            yield MemorySheet(self, day, (await self.known()).get(day))
        finally:
            self._taken.discard(day)


class MemorySheet:
    """A day while it is written."""

    def __init__(self, book: MemoryBook, day: date, known: Known | None) -> None:
        self.known = known
        self._book = book
        self._day = day
        self._staged: list[Group] = []

    async def stage(self, groups: Sequence[Group]) -> None:
        """Remember the groups."""
        self._staged += groups

    async def store(self, entry: Entry) -> Change:
        """Add up, and put in the place of what was there."""
        pages: dict[tuple[str, str], int] = {}
        new: dict[bytes, Row] = {}
        for each in self._staged:
            pages[each.site, each.page] = pages.get((each.site, each.page), 0) + each.first_here
        for each in self._staged:
            had = new.get(each.key, (*each[1:5], 0, 0, 0, 0, 0, 0))
            of_page = pages[each.site, each.page]
            new[each.key] = (
                *each[1:5],
                had[4] + each.impressions,
                had[5] + each.clicks,
                had[6] + each.page_views,
                of_page,
                had[8] + each.visible_ms,
                had[9] + each.timed_impressions,
            )
        new = {key: row for key, row in new.items() if row[4] + row[5]}
        before = self._book.rows.get(self._day, {})
        self._book.rows[self._day] = new
        self._book.entries[self._day] = entry
        self._book.stored.append(self._day)
        written = sum(before.get(key) != row for key, row in new.items())
        return Change(len(new), written, len(before.keys() - new.keys()))
