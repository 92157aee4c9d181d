"""What the rollup needs of the world: somebody to ask in SQL, and a table to keep the answers in."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import Any, NamedTuple, Protocol

from services.rollup.core import Known
from services.rollup.statement import Group


class TrinoUnavailable(Exception):
    """Trino did not answer, or cannot answer anything yet."""


class QuestionFailed(Exception):
    """Trino refused this question or failed with it; another one may do."""


class DatabaseUnavailable(Exception):
    """PostgreSQL did not answer, or refused."""


class Entry(NamedTuple):
    """What is noted of a business day with its rows."""

    manifest: int
    definition: str
    events: int
    duplicates: int
    suspects: int
    late: int


class Change(NamedTuple):
    """What storing a business day did to the table's rows."""

    rows: int
    written: int
    deleted: int


class Trino(Protocol):
    """The lake, asked in SQL."""

    def rows(self, statement: str) -> AsyncGenerator[list[Sequence[Any]], None]:
        """The answer's rows, some at a time. Raises TrinoUnavailable, QuestionFailed."""


class Sheet(Protocol):
    """A business day while it is written; all of it may raise DatabaseUnavailable."""

    known: Known | None

    async def stage(self, groups: Sequence[Group]) -> None:
        """Put groups of the day aside; those of the same name are added up."""

    async def store(self, entry: Entry) -> Change:
        """Make the table's rows of the day those that were put aside: all of it or nothing."""


class Book(Protocol):
    """The database of the results; all of it may raise DatabaseUnavailable."""

    async def create_tables(self) -> None:
        """Create schema and tables where they are missing."""

    async def known(self) -> Mapping[date, Known]:
        """The business days that are in, in this zone."""

    def sheet(self, day: date) -> AbstractAsyncContextManager[Sheet | None]:
        """The day, for nobody else meanwhile; None when somebody else has it. What was not stored is dropped."""
