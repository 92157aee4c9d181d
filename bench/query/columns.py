"""A month of days in Parquet: what a query reads of one column, two, all, of a day; of JSON, of a row store instead."""

import asyncio
import gzip
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import msgspec
import pyarrow as pa

from bench.query import ask, metastore, row_store
from bench.query.ask import Cost
from bench.query.lake import Lake, consumed
from bench.query.place import Place
from bench.query.row_store import RowStore
from bench.query.rows import Rows, of_day
from deploy.patience import until
from eyeshot.table import EVENTS

LAKE = "columns"
FIRST_DAY = date(2025, 11, 1)
DAYS = 30
TABLE_SECONDS = 120
EVERY_DAY = "year = '2025'"
ONE_DAY = f"{EVERY_DAY} AND month = '11' AND day = '15'"
QUESTIONS = {
    "one": "SELECT page, count(*) FROM {source} {where} GROUP BY page",
    "two": "SELECT page, sum(visible_ms) FROM {source} {where} GROUP BY page",
    "all": "SELECT {everything} FROM {source} {where}",
}
EVERYTHING = ", ".join(f"checksum({column.name})" for column in EVENTS.columns)
EVERYTHING_DUCKDB = ", ".join(f"sum(hash({column.name}))" for column in EVENTS.columns)
JSON_TYPES = {
    "string": "varchar",
    "bigint": "bigint",
    "int": "integer",
    "double": "double",
    "array<int>": "array(integer)",
    "timestamp": "timestamp(6)",
}


class Json(NamedTuple):
    """A day as lines of JSON, plain or gzipped: its size, and the day's question asked of it."""

    size: int
    cost: Cost


class Columns(NamedTuple):
    """What was measured. Costs are by number of columns; `day` is that of one column in one day.

    `two_merged` is that of two columns when Trino reads on over gaps of up to 1 MB, its default.
    """

    rows: int
    day_rows: int
    bytes: int
    day_bytes: int
    trino: dict[str, Cost]
    duckdb: dict[str, Cost]
    two_merged: Cost
    day: Cost
    json: Json
    json_gzip: Json
    row_store: RowStore


class NotYet(Exception):
    """A day is not registered."""


def measure(place: Place, rows: Rows, count: int) -> Columns:
    """So many rows, a file for each of 30 days."""
    lake = Lake(place.lake(LAKE))
    per_day = count // DAYS
    asyncio.run(_fill(lake, rows, per_day))
    with place.service("partitioner", LAKE), metastore.connected(place, LAKE) as known:
        until("the partitioner", lambda: _all_there(known), TABLE_SECONDS, NotYet)
    middle = FIRST_DAY + timedelta(days=14)
    lines = _lines(rows, middle, per_day)
    return Columns(
        rows=per_day * DAYS,
        day_rows=per_day,
        bytes=sum(file.bytes for file in lake.files),
        day_bytes=lake.files[14].bytes,
        trino={name: _trino(place, name) for name in QUESTIONS},
        duckdb=_duckdb(place),
        two_merged=_trino(place, "two", writable=True),
        day=_trino(place, "one", ONE_DAY),
        json=_json(place, "lines", lines, "json"),
        json_gzip=_json(place, "lines_gzip", gzip.compress(lines, 6), "json.gz"),
        row_store=row_store.measure(place, _all_days(rows, per_day)),
    )


def day_of(number: int) -> date:
    """The days, from 0."""
    return FIRST_DAY + timedelta(days=number)


async def _fill(lake: Lake, rows: Rows, per_day: int) -> None:
    files = [
        await lake.write(day_of(number), of_day(rows, day_of(number), per_day, first=number * per_day))
        for number in range(DAYS)
    ]
    await lake.commit(files, consumed(rows, -(-per_day * DAYS // rows.table.num_rows)))


def _all_days(rows: Rows, per_day: int) -> Iterator[pa.Table]:
    for number in range(DAYS):
        yield from of_day(rows, day_of(number), per_day, first=number * per_day)


def _all_there(known: metastore.Metastore) -> None:
    if not all(known.location(day_of(number)) for number in range(DAYS)):
        raise NotYet


def _trino(place: Place, name: str, days: str = EVERY_DAY, *, writable: bool = False) -> Cost:
    question = QUESTIONS[name].format(everything=EVERYTHING, source="events", where=f"WHERE {days}")
    return ask.trino(place, LAKE, question, writable=writable)


def _duckdb(place: Place) -> dict[str, Cost]:
    source = ask.parquet(place.objects(LAKE) / "events")
    statements = [
        question.format(everything=EVERYTHING_DUCKDB, source=source, where="") for question in QUESTIONS.values()
    ]
    return dict(zip(QUESTIONS, ask.duckdb(statements), strict=True))


def _lines(rows: Rows, day: date, count: int) -> bytes:
    """The day's rows as a naive pipeline would put them: every column that is there, by its name."""
    encoder = msgspec.json.Encoder()
    lines = []
    for table in of_day(rows, day, count, first=14 * count):
        for row in table.to_pylist():
            there = {name: value for name, value in row.items() if value is not None}
            for name in ("event_time", "received_at"):
                there[name] = row[name].isoformat(sep=" ", timespec="milliseconds")
            lines.append(encoder.encode(there))
    return b"\n".join(lines) + b"\n"


def _json(place: Place, name: str, body: bytes, ending: str) -> Json:
    key = f"{name}/day.{ending}"
    place.client().put_object(Bucket=LAKE, Key=key, Body=body)
    columns = ", ".join(f"{column.name} {JSON_TYPES[column.type]}" for column in EVENTS.columns)
    location = f"external_location = 's3://{LAKE}/{name}', format = 'JSON'"
    ask.execute(place, LAKE, f"CREATE TABLE {name} ({columns}) WITH ({location})")
    question = QUESTIONS["one"].format(source=name, where="")
    return Json(len(body), ask.trino(place, LAKE, question, writable=True))
