"""Tables in; the bytes of a Parquet file out, row group by row group."""

import io
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from eyeshot.lake.schema import decoded_schema
from eyeshot.table import Column, Table

# Numbers that hardly repeat but grow evenly; everything else is coded by dictionary.
DELTA_CODED = frozenset({"timestamp", "sent_at", "event_time", "received_at", "kafka_offset"})
SOUGHT = "page_view_id"
BLOOM_ERROR = 0.01

SMALL_TABLES_MAX = 64
SMALL_TABLE_ROWS = 4_096


class ParquetFile:
    """A file that is written piece by piece: rows wait until they fill a row group, its bytes until they are taken."""

    def __init__(self, table: Table, row_group_rows: int) -> None:
        self._row_group_rows = row_group_rows
        self._sink = io.BytesIO()
        self._writer = pq.ParquetWriter(self._sink, decoded_schema(table), **layout(table, row_group_rows))
        self._waiting = Waiting()
        self._taken_bytes = 0
        self.written_rows = 0
        self.row_groups = 0

    @property
    def pending_rows(self) -> int:
        """Rows that are in no row group yet."""
        return self._waiting.rows

    @property
    def pending_bytes(self) -> int:
        """What those rows take in memory."""
        return self._waiting.bytes

    @property
    def written_bytes(self) -> int:
        """Bytes of the finished row groups, taken or not."""
        return self._taken_bytes + self._sink.tell()

    @property
    def waiting_bytes(self) -> int:
        """Bytes that nobody took yet."""
        return self._sink.tell()

    def annotate(self, metadata: Mapping[str, str]) -> None:
        """Say this in the file's footer."""
        self._writer.add_key_value_metadata(dict(metadata))

    def write(self, table: pa.Table) -> None:
        """Add rows; every full row group becomes bytes."""
        self._waiting.add(table)
        while self._waiting.rows >= self._row_group_rows:
            self._write_row_group(self._waiting.take(self._row_group_rows))

    def take(self, least_bytes: int) -> bytes:
        """The finished bytes nobody took yet, if they are at least that many; else nothing."""
        if self._sink.tell() < least_bytes:
            return b""
        taken = self._sink.getvalue()
        self._taken_bytes += len(taken)
        self._sink.seek(0)
        self._sink.truncate()
        return taken

    def close(self) -> bytes:
        """Finish the file; the bytes nobody took yet."""
        if self._waiting.rows:
            self._write_row_group(self._waiting.take(self._waiting.rows))
        self._writer.close()
        return self.take(0)

    def _write_row_group(self, table: pa.Table) -> None:
        # One dictionary for the row group: the writer then takes it as it is, instead of hashing every row again.
        self._writer.write_table(table.unify_dictionaries(), row_group_size=table.num_rows)
        self.written_rows += table.num_rows
        self.row_groups += 1


def layout(table: Table, row_group_rows: int) -> dict[str, Any]:
    """How the file is laid out, and why: docs/decisions/0006-parquet-encodings.md."""
    delta = [column.name for column in table.columns if column.name in DELTA_CODED]
    sought = [column.name for column in table.columns if column.name == SOUGHT]
    return {
        "compression": "snappy",
        "write_page_index": True,
        "use_dictionary": [_leaf(column) for column in table.columns if column.name not in delta],
        "column_encoding": dict.fromkeys(delta, "DELTA_BINARY_PACKED"),
        # The most values there can be; the writer folds the filter down to those that there are.
        "bloom_filter_options": {name: {"ndv": row_group_rows, "fpp": BLOOM_ERROR} for name in sought},
        "store_schema": False,  # how rows were held in memory is nobody's business
    }


def _leaf(column: Column) -> str:
    return f"{column.name}.list.element" if column.type.startswith("array") else column.name


class Waiting:
    """Rows that wait. Small tables are joined now and then: a table of one row is a hundred times its row."""

    def __init__(self) -> None:
        self._tables: list[pa.Table] = []
        self._small: list[pa.Table] = []
        self.rows = 0
        self.bytes = 0

    def add(self, table: pa.Table) -> None:
        """Let rows wait."""
        self.rows += table.num_rows
        self.bytes += table.nbytes
        self._small.append(table)
        small_rows = sum(each.num_rows for each in self._small)
        if len(self._small) > SMALL_TABLES_MAX or small_rows >= SMALL_TABLE_ROWS:
            self._small = [_joined(self._small)]
        if small_rows >= SMALL_TABLE_ROWS:
            self._tables += self._small
            self._small = []

    def take(self, rows: int) -> pa.Table:
        """The first rows, as many as asked for."""
        table = pa.concat_tables([*self._tables, *self._small])
        self._tables, self._small, self.rows, self.bytes = [], [], 0, 0
        if rows < table.num_rows:
            self.add(table.slice(rows))
        return table.slice(0, rows)


def _joined(tables: list[pa.Table]) -> pa.Table:
    if len(tables) == 1:
        return tables[0]
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks()
