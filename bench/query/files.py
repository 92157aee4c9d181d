"""The same rows of a day in one file, ten, a hundred, thousands; then the thousands are merged under query clients."""

import asyncio
from datetime import date, timedelta
from typing import NamedTuple

import pyarrow as pa

from bench.query import ask, merge, metastore
from bench.query.ask import Cost
from bench.query.lake import Lake, consumed
from bench.query.merge import Merge
from bench.query.place import Place
from bench.query.rows import Rows, of_day, polls
from deploy.patience import until
from eyeshot.commit_log import DataFile

LAKE, SMALL_LAKE = "files", "small"
FIRST_DAY = date(2025, 11, 1)
FILES = 5_000
FILE_ROWS = 100
FEWER = (1, 10, 100)
FILES_AT_ONCE = 4
TABLE_SECONDS = 120
QUESTION = """
SELECT page, count(*), sum(visible_ms) FROM events
WHERE year = '2025' AND month = '11' AND day = '{:02d}' GROUP BY page
"""


class Day(NamedTuple):
    """A day in so many files."""

    files: int
    bytes: int
    cost: Cost


class Files(NamedTuple):
    """What was measured, the most files last, and what became of those."""

    rows: int
    days: list[Day]
    merge: Merge


class NotYet(Exception):
    """A day is not registered."""


def measure(place: Place, rows: Rows, scale: float) -> Files:
    """Days of the same rows; the one of 5,000 files has a lake of its own, so that a keeper merges it alone."""
    files = max(20, round(FILES * scale))
    count = files * FILE_ROWS
    fewer = [number for number in FEWER if number < files]
    days = _days(place, LAKE, rows, count, fewer) + _days(place, SMALL_LAKE, rows, count, [files])
    return Files(count, days, merge.measure(place, SMALL_LAKE, FIRST_DAY, count, QUESTION.format(FIRST_DAY.day)))


def _days(place: Place, lake_name: str, rows: Rows, count: int, numbers: list[int]) -> list[Day]:
    """A day in each number of files, registered and asked."""
    lake = Lake(place.lake(lake_name))
    days = [FIRST_DAY + timedelta(days=later) for later in range(len(numbers))]
    written = [asyncio.run(_fill(lake, day, rows, count, number)) for day, number in zip(days, numbers, strict=True)]
    every = [file for files in written for file in files]
    asyncio.run(lake.commit(every, consumed(rows, -(-count // rows.table.num_rows))))
    with place.service("partitioner", lake_name), metastore.connected(place, lake_name) as known:
        until("the partitioner", lambda: _must_know(known, days[-1]), TABLE_SECONDS, NotYet)
    return [
        Day(len(files), sum(file.bytes for file in files), ask.trino(place, lake_name, QUESTION.format(day.day)))
        for day, files in zip(days, written, strict=True)
    ]


async def _fill(lake: Lake, day: date, rows: Rows, count: int, files: int) -> list[DataFile]:
    table = pa.concat_tables(of_day(rows, day, count)).unify_dictionaries().combine_chunks()
    per_file = -(-count // files)
    turn = asyncio.Semaphore(FILES_AT_ONCE)

    async def write(first: int) -> DataFile:
        async with turn:
            return await lake.write(day, polls(table.slice(first, per_file)))

    return await asyncio.gather(*(write(first) for first in range(0, count, per_file)))


def _must_know(known: metastore.Metastore, day: date) -> None:
    if not known.location(day):
        raise NotYet
