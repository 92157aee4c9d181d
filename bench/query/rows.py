"""A seed in; decoded rows of the table `events`, as many as asked for and of any day, out, fast.

Some hundred thousand events are made as bench.events makes them and decoded by the compactor's own code. They come
again and again under other page view ids, coordinates and times, so that nothing is in the lake twice.
"""

import base64
from collections.abc import Iterator
from datetime import UTC, date, datetime
from random import Random
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from bench.events import PARTITIONS, START_MS, collected_batches
from bench.tables import ZONE
from eyeshot.lake.schema import CODED, SHARED, decoded_schema
from eyeshot.table import EVENTS
from services.compactor.decode import decode

TEMPLATE_EVENTS = 200_000
POLL_RECORDS = 2_500
POLL_ROWS = 25_000
ID_BYTES = 17
NUMBERS = ("timestamp", "sent_at")
TIMES = ("event_time", "received_at")
SECOND_MS = 1_000


class Rows(NamedTuple):
    """Rows to make again and again: decoded, in the order of their records; the next offset of each Kafka partition."""

    table: pa.Table
    next_offsets: dict[int, int]


def template(events: int = TEMPLATE_EVENTS, *, seed: int = 1) -> Rows:
    """Batches of 1…20 events, as page views have them."""
    records = list(collected_batches(events, seed=seed, full=False))
    polls = (records[first : first + POLL_RECORDS] for first in range(0, len(records), POLL_RECORDS))
    tables = [table for poll in polls for table in decode(poll, ZONE).tables.values()]
    rows = pa.concat_tables(tables).unify_dictionaries().combine_chunks().slice(0, events)
    next_offsets = dict.fromkeys(range(PARTITIONS), 0)
    for record in records:
        next_offsets[record.partition] = record.offset + 1
    return Rows(rows, next_offsets)


def of_day(rows: Rows, day: date, count: int, *, first: int = 0) -> Iterator[pa.Table]:
    """So many rows of the day, as polls bring them: those from number `first` on of all that there ever are."""
    start = round(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * SECOND_MS)
    while count:
        copy, place = divmod(first, rows.table.num_rows)
        some = again(rows, copy, start - START_MS).slice(place, count)
        yield from polls(some)
        count -= some.num_rows
        first += some.num_rows


def polls(table: pa.Table) -> Iterator[pa.Table]:
    """The same rows as polls bring them."""
    for first in range(0, table.num_rows, POLL_ROWS):
        yield own_values(table.slice(first, POLL_ROWS))


def own_values(table: pa.Table) -> pa.Table:
    """The same rows, their dictionaries without what only other rows have: a file would hold it."""
    for name in SHARED:
        column = table[name].combine_chunks().dictionary_decode()
        table = _replace(table, name, column.dictionary_encode().cast(CODED))
    return table


def again(rows: Rows, copy: int, later_ms: int) -> pa.Table:
    """The template once more: later, further on in the topic, by other readers. Copy 0 is like the others."""
    table = rows.table
    for name in NUMBERS:
        table = _replace(table, name, pc.add(table[name], later_ms))
    for name in TIMES:
        table = _replace(table, name, pc.add(table[name], pa.scalar(later_ms, pa.duration("ms"))))
    behind = pa.array([copy * rows.next_offsets[each] for each in range(PARTITIONS)], pa.int64())
    table = _replace(table, "kafka_offset", pc.add(table["kafka_offset"], behind.take(table["kafka_partition"])))
    return _replace(table, "page_view_id", _other_ids(table["page_view_id"], copy))


def _other_ids(column: pa.ChunkedArray, copy: int) -> pa.Array:
    ids = column.combine_chunks()
    random = Random(copy)  # noqa: S311 - data for a benchmark
    names = [base64.urlsafe_b64encode(random.randbytes(ID_BYTES))[:22].decode() for _ in range(len(ids.dictionary))]
    return pa.DictionaryArray.from_arrays(ids.indices, pa.array(names))


def _replace(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    place = table.schema.get_field_index(name)
    return table.set_column(place, decoded_schema(EVENTS).field(name), column)
