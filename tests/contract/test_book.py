"""What the rollup's book promises, of the twin and of a real PostgreSQL."""

import asyncio
import re
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import msgspec
import psycopg
import pytest

from deploy.paths import ROOT
from services.rollup.core import Known, key
from services.rollup.ports import Book, Change, DatabaseUnavailable, Entry
from services.rollup.postgres import PostgresBook
from services.rollup.settings import Database
from services.rollup.statement import Group
from tests.postgres_server import running
from tests.rollup_twins import MemoryBook

DAY, OTHER = date(2026, 11, 2), date(2026, 11, 3)
MANY_SECONDS = 8.0
WORDS = ("page", "😀\t\\N\n" * 1_000, "")
QUERIES = re.findall(r"```sql\n(--.*?)```", (ROOT / "docs" / "rollup.md").read_text(), re.DOTALL)
ROWS = """
SELECT site, page, link, placement, impressions, clicks, page_views, page_views_of_page, visible_ms, timed_impressions
FROM eyeshot.rollup WHERE zone = %s AND day = %s ORDER BY link"""


def group(link: str = "l", page: str = WORDS[1], **changes: Any) -> Group:
    names = ("demo", page, link, "inline")
    return Group(
        key(*names),
        *names,
        **(
            {"impressions": 2, "clicks": 1, "page_views": 2, "first_here": 2, "visible_ms": 700, "timed_impressions": 2}
            | changes
        ),
    )


def entry(manifest: int) -> Entry:
    return Entry(manifest, "so", events=3, duplicates=1, suspects=0, late=0)


async def written(book: Book, day: date, manifest: int, *shares: list[Group]) -> Change:
    async with book.sheet(day) as sheet:
        assert sheet
        for groups in shares:
            await sheet.stage(groups)
        return await sheet.store(entry(manifest))


class Kept(NamedTuple):
    """A book, and a look into it."""

    book: Book
    rows: Any


class BookContract:
    async def test_nothing_is_known_of_a_day_that_was_only_put_aside(self, kept: Kept):
        await kept.book.create_tables()
        async with kept.book.sheet(DAY) as sheet:
            assert sheet and sheet.known is None
            await sheet.stage([group()])
        assert await kept.book.known() == {}
        assert kept.rows(DAY) == []

    async def test_what_was_stored_is_there_and_known(self, kept: Kept):
        await kept.book.create_tables()
        assert await written(kept.book, DAY, 7, [group()]) == (1, 1, 0)
        assert kept.rows(DAY) == [("demo", WORDS[1], "l", "inline", 2, 1, 2, 2, 700, 2)]
        assert await kept.book.known() == {DAY: Known(7, "so")}
        async with kept.book.sheet(DAY) as sheet:
            assert sheet and sheet.known == Known(7, "so")

    async def test_groups_of_one_name_add_up_and_a_page_has_the_views_of_all_its_groups(self, kept: Kept):
        await kept.book.create_tables()
        unseen = group("only page_end", impressions=0, clicks=0, page_views=0, first_here=5)
        await written(kept.book, DAY, 1, [group(), unseen], [group(), group("m", page="other")])
        assert kept.rows(DAY) == [
            ("demo", WORDS[1], "l", "inline", 4, 2, 4, 9, 1_400, 4),
            ("demo", "other", "m", "inline", 2, 1, 2, 2, 700, 2),
        ]

    async def test_a_group_that_is_no_more_is_deleted_and_another_day_left_alone(self, kept: Kept):
        await kept.book.create_tables()
        for day in (DAY, OTHER):
            await written(kept.book, day, 1, [group(), group("m"), group("n")])
        # The page has other page views now, which both rows of it tell.
        assert await written(kept.book, DAY, 2, [group(), group("m", clicks=9, first_here=9)]) == (2, 2, 1)
        assert [row[2] for row in kept.rows(DAY)] == ["l", "m"]
        assert len(kept.rows(OTHER)) == 3
        assert await written(kept.book, DAY, 3) == (0, 0, 2)
        assert kept.rows(DAY) == []
        assert (await kept.book.known())[DAY] == Known(3, "so")

    async def test_the_same_again_writes_no_row(self, kept: Kept):
        await kept.book.create_tables()
        assert await written(kept.book, DAY, 1, [group(), group("m")]) == (2, 2, 0)
        assert await written(kept.book, DAY, 2, [group(), group("m")]) == (2, 0, 0)

    async def test_a_day_is_written_by_one_at_a_time(self, kept: Kept):
        await kept.book.create_tables()
        async with kept.book.sheet(DAY) as one, kept.book.sheet(DAY) as two, kept.book.sheet(OTHER) as other:
            assert one and other and two is None
        async with kept.book.sheet(DAY) as next_one:
            assert next_one


class TestMemoryBook(BookContract):
    @pytest.fixture
    def kept(self) -> Kept:
        book = MemoryBook()
        return Kept(book, lambda day: sorted(book.rows.get(day, {}).values(), key=lambda row: str(row[2])))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with running(tmp_path_factory.mktemp("postgres")) as settings:
        yield settings


def dsn(settings: Database) -> str:
    return psycopg.conninfo.make_conninfo(
        host=settings.host, port=settings.port, dbname=settings.name, user=settings.user, password=settings.password
    )


class TestPostgresBook(BookContract):
    @pytest.fixture
    def kept(self, server: Database) -> Kept:
        with psycopg.connect(dsn(server)) as connection:
            connection.execute("DROP SCHEMA IF EXISTS eyeshot CASCADE")

        def rows(day: date) -> list[Any]:
            with psycopg.connect(dsn(server)) as connection:
                return connection.execute(ROWS, ["Europe/Paris", day]).fetchall()

        return Kept(PostgresBook(server, "Europe/Paris"), rows)

    async def test_each_zone_has_days_of_its_own(self, server: Database, kept: Kept):
        utc = PostgresBook(server, "UTC")
        await utc.create_tables()
        async with kept.book.sheet(DAY) as sheet:
            assert sheet
            await written(utc, DAY, 1, [group()])
        assert kept.rows(DAY) == []
        assert await kept.book.known() == {}

    async def test_rates_and_means_follow(self, server: Database, kept: Kept):
        await kept.book.create_tables()
        clicked = group("clicked", impressions=0, timed_impressions=0, visible_ms=0)
        await written(kept.book, DAY, 1, [group(page_views=1), clicked])
        with psycopg.connect(dsn(server)) as connection:
            found = connection.execute("SELECT link, viewable_rate, mean_visible_ms FROM eyeshot.rollup").fetchall()
        assert sorted(found) == [("clicked", 0.5, None), ("l", 0.25, 350.0)]

    async def test_a_day_of_many_groups_is_stored_again_in_moments(self, kept: Kept):
        """Joined in loops, as PostgreSQL does without an index on what was put aside, it took 17 s."""
        await kept.book.create_tables()
        many = [group(f"l{number}", page="p") for number in range(20_000)]
        await written(kept.book, DAY, 1, many)
        async with asyncio.timeout(MANY_SECONDS):
            assert await written(kept.book, DAY, 2, many) == (20_000, 0, 0)

    async def test_the_docs_queries_find_the_rows(self, server: Database, kept: Kept):
        utc = PostgresBook(server, "UTC")
        await utc.create_tables()
        for day in (date(2026, 11, 28), date(2026, 11, 29)):
            await written(utc, day, 1, [group(page="https://news.example/a")])
        with psycopg.connect(dsn(server)) as connection:
            top, missing, joined = (connection.execute(query.encode()).fetchall() for query in QUERIES)
        assert [tuple(map(str, row)) for row in top] == [("l", "4", "2", "50.00", "350")]
        assert len(missing) == 28
        assert [row[:3] for row in joined] == [("https://news.example/a", "l", 2)]

    async def test_tables_that_are_there_need_no_right_to_create_any(self, server: Database, kept: Kept):
        await kept.book.create_tables()
        with psycopg.connect(dsn(server), autocommit=True) as connection:
            connection.execute("ALTER ROLE rollup SET default_transaction_read_only = on")
        try:
            await kept.book.create_tables()
        finally:
            with psycopg.connect(dsn(server), autocommit=True) as connection:
                connection.execute("SET default_transaction_read_only = off")
                connection.execute("ALTER ROLE rollup RESET default_transaction_read_only")

    async def test_a_database_that_is_away_or_refuses_is_named(self, server: Database):
        for changed in ({"port": 1}, {"password": "not-its-password"}, {"name": "nowhere"}):
            book = PostgresBook(msgspec.structs.replace(server, **changed), "UTC")
            with pytest.raises(DatabaseUnavailable, match=f"PostgreSQL at {server.host}"):
                await book.known()
