"""Groups of a business day in; rows of the table that the main application reads, in one transaction, out."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any

import psycopg

from eyeshot.fail_point import reach
from services.rollup.core import Known
from services.rollup.ports import Change, DatabaseUnavailable, Entry
from services.rollup.settings import Database as Settings
from services.rollup.statement import Group

TABLES = Path(__file__).with_name("tables.sql").read_text()
LOCK = "eyeshot rollup"
# The server too finds out within a minute that a rollup is gone without a word, and gives its day's lock back.
SERVER_LOOKS = "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
THERE = "SELECT to_regclass('eyeshot.rollup'), to_regclass('eyeshot.rollup_days')"
KNOWN = "SELECT day, manifest, definition FROM eyeshot.rollup_days WHERE zone = %(zone)s"
STAGING = """
CREATE TEMPORARY TABLE staged (
    key bytea, site text, page text, link text, placement text, impressions bigint, clicks bigint, page_views bigint,
    first_here bigint, visible_ms bigint, timed_impressions bigint
)"""
COPY = "COPY pg_temp.staged FROM STDIN"
# Before the transaction, which so is short; a temporary table is analysed by nobody else.
SUMMED = """
CREATE TEMPORARY TABLE summed AS
SELECT key, min(site) AS site, min(page) AS page, min(link) AS link, min(placement) AS placement,
    sum(impressions)::bigint AS impressions, sum(clicks)::bigint AS clicks, sum(page_views)::bigint AS page_views,
    min(views)::bigint AS page_views_of_page, sum(visible_ms)::bigint AS visible_ms,
    sum(timed_impressions)::bigint AS timed_impressions
FROM pg_temp.staged
JOIN (SELECT site, page, sum(first_here) AS views FROM pg_temp.staged GROUP BY site, page) AS pages USING (site, page)
GROUP BY key
HAVING sum(impressions) + sum(clicks) > 0"""
# Whatever PostgreSQL thinks of the sizes, a group is found by its key.
INDEXED = ("CREATE UNIQUE INDEX ON pg_temp.summed (key)", "ANALYZE pg_temp.summed")
UPSERT = """
INSERT INTO eyeshot.rollup AS had (
    zone, day, key, site, page, link, placement,
    impressions, clicks, page_views, page_views_of_page, visible_ms, timed_impressions
)
SELECT %(zone)s, %(day)s, * FROM pg_temp.summed
ON CONFLICT (zone, day, key) DO UPDATE SET
    impressions = excluded.impressions, clicks = excluded.clicks, page_views = excluded.page_views,
    page_views_of_page = excluded.page_views_of_page, visible_ms = excluded.visible_ms,
    timed_impressions = excluded.timed_impressions
WHERE (had.impressions, had.clicks, had.page_views, had.page_views_of_page, had.visible_ms, had.timed_impressions)
    IS DISTINCT FROM (excluded.impressions, excluded.clicks, excluded.page_views, excluded.page_views_of_page,
        excluded.visible_ms, excluded.timed_impressions)"""
DELETE = """
DELETE FROM eyeshot.rollup
WHERE zone = %(zone)s AND day = %(day)s AND NOT EXISTS (SELECT FROM pg_temp.summed WHERE summed.key = rollup.key)"""
COUNT = "SELECT count(*) FROM eyeshot.rollup WHERE zone = %(zone)s AND day = %(day)s"
NOTE = """
INSERT INTO eyeshot.rollup_days
    (zone, day, manifest, definition, rows, events, duplicates, suspects, late, computed_at)
VALUES (%(zone)s, %(day)s, %(manifest)s, %(definition)s, %(rows)s, %(events)s, %(duplicates)s, %(suspects)s,
    %(late)s, now())
ON CONFLICT (zone, day) DO UPDATE SET
    manifest = excluded.manifest, definition = excluded.definition, rows = excluded.rows, events = excluded.events,
    duplicates = excluded.duplicates, suspects = excluded.suspects, late = excluded.late,
    computed_at = excluded.computed_at"""

Connection = psycopg.AsyncConnection[tuple[Any, ...]]


class PostgresBook:
    """Opens a connection for each task: they are few, and a broken one would have to be found out."""

    def __init__(self, settings: Settings, zone: str) -> None:
        self._settings = settings
        self._zone = zone

    async def create_tables(self) -> None:
        """Create schema and tables; where both tables are there, no right to create any is needed."""
        with _failures(self._settings):
            async with await self._connect() as connection:
                there = await connection.execute(THERE)
                if None not in (await there.fetchone() or (None,)):
                    return
                async with connection.transaction():
                    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [LOCK])
                    await connection.execute(TABLES)

    async def known(self) -> Mapping[date, Known]:
        """The business days that are in, in this zone."""
        with _failures(self._settings):
            async with await self._connect() as connection:
                found = await connection.execute(KNOWN, {"zone": self._zone})
                return {day: Known(manifest, definition) for day, manifest, definition in await found.fetchall()}

    @asynccontextmanager
    async def sheet(self, day: date) -> AsyncIterator["PostgresSheet | None"]:
        """The day, under a lock that ends with the connection; None when somebody else has it."""
        with _failures(self._settings):
            async with await self._connect() as connection:
                name = f"{LOCK} {self._zone} {day}"
                asked = await connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
                if await asked.fetchone() != (True,):
                    yield None
                    return
                of = {"zone": self._zone, "day": day}
                row = await (await connection.execute(f"{KNOWN} AND day = %(day)s", of)).fetchone()
                await connection.execute(STAGING)
                try:
                    yield PostgresSheet(connection, self._zone, day, Known(*row[1:]) if row else None)
                finally:
                    with suppress(psycopg.Error):  # a server that is away has given it back, or will
                        await connection.execute("SELECT pg_advisory_unlock_all()")

    async def _connect(self) -> Connection:
        settings = self._settings
        return await psycopg.AsyncConnection.connect(
            host=settings.host,
            port=settings.port,
            dbname=settings.name,
            user=settings.user,
            password=settings.password,
            sslmode=settings.tls,
            connect_timeout=settings.connect_seconds,
            application_name="eyeshot-rollup",
            keepalives_idle=30,
            tcp_user_timeout=60_000,
            options=SERVER_LOOKS,
            client_encoding="UTF8",
            autocommit=True,
        )


class PostgresSheet:
    """A business day while it is written."""

    def __init__(self, connection: Connection, zone: str, day: date, known: Known | None) -> None:
        self.known = known
        self._connection = connection
        self._of = {"zone": zone, "day": day}

    async def stage(self, groups: Sequence[Group]) -> None:
        """Put groups of the day aside."""
        async with self._connection.cursor() as cursor, cursor.copy(COPY) as copy:
            for group in groups:
                await copy.write_row(group)

    async def store(self, entry: Entry) -> Change:
        """Make the table's rows of the day those that were put aside: all of it or nothing."""
        await self._connection.execute(SUMMED)
        for statement in INDEXED:
            await self._connection.execute(statement)
        async with self._connection.transaction():
            deleted = await self._connection.execute(DELETE, self._of)
            written = await self._connection.execute(UPSERT, self._of)
            counted = await (await self._connection.execute(COUNT, self._of)).fetchone()
            rows = counted[0] if counted else 0
            await self._connection.execute(NOTE, self._of | entry._asdict() | {"rows": rows})
            reach("before_rollup_commit")
        return Change(rows, written.rowcount, deleted.rowcount)


@contextmanager
def _failures(settings: Settings) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        where = f"{settings.host}:{settings.port}/{settings.name}"
        raise DatabaseUnavailable(f"PostgreSQL at {where}: {str(error).strip() or type(error).__name__}") from error
