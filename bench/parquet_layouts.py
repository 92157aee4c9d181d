"""Decoded rows in; bytes and processor time per row for each way to lay them out: `python -m bench.parquet_layouts`.

The numbers of docs/decisions/0006-parquet-encodings.md come from here.
"""

import io
import time
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.events import collected_batches, single_events
from bench.tables import ZONE
from eyeshot.lake.parquet import DELTA_CODED, layout
from eyeshot.lake.schema import SHARED, decoded_schema
from eyeshot.table import EVENTS
from services.compactor.decode import decode
from services.compactor.rows import KafkaRecord

EVENTS_COUNT = 400_000
ROW_GROUP_ROWS = 100_000
POLL_RECORDS = 2_500
ROUNDS = 3
SCHEMA = decoded_schema(EVENTS)
OURS = layout(EVENTS, ROW_GROUP_ROWS)
PLACE = ("kafka_partition", "kafka_offset", "batch_index")
VIEW = ("page_view_id", "sequence")


def main() -> None:
    """Print a table for batches as page views have them, and one for single events."""
    for title, records in (
        ("batches", collected_batches(EVENTS_COUNT, full=False)),
        ("singles", single_events(200_000)),
    ):
        rows = _decoded(list(records))
        print(f"\n{title}: {rows.num_rows:,} rows\n{'':40}{'B/row':>8}{'ns/row':>8}")
        for name, table, row_group_rows, changes in _variants(rows):
            _print(name, table, row_group_rows, OURS | changes)


def _variants(rows: pa.Table) -> Iterator[tuple[str, pa.Table, int, dict[str, Any]]]:
    yield "ours", rows, ROW_GROUP_ROWS, {}
    yield "everything by dictionary", rows, ROW_GROUP_ROWS, {"use_dictionary": True, "column_encoding": None}
    for name in sorted(DELTA_CODED):
        yield f"{name} by dictionary", rows, ROW_GROUP_ROWS, _without_delta(name)
    for name in ("sequence", "batch_index", "visible_ms"):
        yield f"{name} by delta, too", rows, ROW_GROUP_ROWS, _with(name, "DELTA_BINARY_PACKED")
    for name in ("page_view_id", "link", "label"):
        yield f"{name} by DELTA_BYTE_ARRAY", rows, ROW_GROUP_ROWS, _with(name, "DELTA_BYTE_ARRAY")
    yield "times in µs", _in_microseconds(rows), ROW_GROUP_ROWS, {}
    yield "no bloom filter", rows, ROW_GROUP_ROWS, {"bloom_filter_options": None}
    yield "no page index", rows, ROW_GROUP_ROWS, {"write_page_index": False}
    yield "zstd", rows, ROW_GROUP_ROWS, {"compression": "zstd"}
    for row_group_rows in (5_000, 50_000, 150_000, 200_000):
        yield f"row groups of {row_group_rows:,}", rows, row_group_rows, {}
    yield "sorted by coordinates", _sorted(rows, PLACE), ROW_GROUP_ROWS, {}
    yield "sorted by page view", _sorted(rows, VIEW), ROW_GROUP_ROWS, {}


def _decoded(records: list[KafkaRecord]) -> pa.Table:
    polls = (records[first : first + POLL_RECORDS] for first in range(0, len(records), POLL_RECORDS))
    return pa.concat_tables([table for poll in polls for table in decode(poll, ZONE).tables.values()])


def _in_microseconds(rows: pa.Table) -> pa.Table:
    fine = [field.with_type(pa.timestamp("us")) if pa.types.is_timestamp(field.type) else field for field in SCHEMA]
    return rows.cast(pa.schema(fine))


def _sorted(rows: pa.Table, keys: tuple[str, ...]) -> pa.Table:
    """Rows sorted within each row group."""
    groups = []
    for first in range(0, rows.num_rows, ROW_GROUP_ROWS):
        group = rows.slice(first, ROW_GROUP_ROWS).unify_dictionaries().combine_chunks()
        values = {key: pc.dictionary_decode(group[key]) if key in SHARED else group[key] for key in keys}
        order = pc.sort_indices(pa.table(values), sort_keys=[(key, "ascending") for key in keys])
        groups.append(group.take(order))
    return pa.concat_tables(groups)


def _without_delta(name: str) -> dict[str, Any]:
    rest = {each: encoding for each, encoding in OURS["column_encoding"].items() if each != name}
    return {"use_dictionary": [*OURS["use_dictionary"], name], "column_encoding": rest}


def _with(name: str, encoding: str) -> dict[str, Any]:
    return {
        "use_dictionary": [each for each in OURS["use_dictionary"] if each != name],
        "column_encoding": OURS["column_encoding"] | {name: encoding},
    }


def _print(name: str, table: pa.Table, row_group_rows: int, options: dict[str, Any]) -> None:
    timed = [_written(table, row_group_rows, options) for _ in range(ROUNDS)]
    seconds, size = min(timed)
    print(f"{name:40}{size / table.num_rows:8.2f}{seconds / table.num_rows * 1e9:8.0f}")


def _written(table: pa.Table, row_group_rows: int, options: dict[str, Any]) -> tuple[float, int]:
    sink = io.BytesIO()
    begun = time.process_time()
    with pq.ParquetWriter(sink, table.schema, **options) as writer:
        for first in range(0, table.num_rows, row_group_rows):
            group = table.slice(first, row_group_rows).unify_dictionaries()
            writer.write_table(group, row_group_size=row_group_rows)
    return time.process_time() - begun, sink.tell()


if __name__ == "__main__":
    main()
