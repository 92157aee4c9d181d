"""Rows in; the bytes of a Parquet file out, row group by row group."""

import io
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.parquet as pq

from eyeshot.table import Table
from services.compactor.rows import Row

_ARROW_TYPES = {
    "string": pa.string(),
    "bigint": pa.int64(),
    "int": pa.int32(),
    "double": pa.float64(),
    "array<int>": pa.list_(pa.int32()),
    "timestamp": pa.timestamp("us"),
    "binary": pa.binary(),
}


def arrow_schema(table: Table) -> pa.Schema:
    """The Arrow schema of a table's files; partition keys are not in it."""
    return pa.schema([pa.field(column.name, _ARROW_TYPES[column.type]) for column in table.columns])


class ParquetFile:
    """A file that is written piece by piece: rows wait until they fill a row group, its bytes until they are taken."""

    def __init__(self, table: Table, row_group_rows: int) -> None:
        self._schema = arrow_schema(table)
        self._row_group_rows = row_group_rows
        self._sink = io.BytesIO()
        self._writer = pq.ParquetWriter(self._sink, self._schema, compression="snappy", write_page_index=True)
        self._waiting: list[Row] = []
        self._taken_bytes = 0
        self.written_rows = 0

    @property
    def pending_rows(self) -> int:
        """Rows that are in no row group yet."""
        return len(self._waiting)

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

    def write(self, rows: list[Row]) -> None:
        """Add rows; every full row group becomes bytes."""
        self._waiting.extend(rows)
        while len(self._waiting) >= self._row_group_rows:
            self._write_row_group(self._waiting[: self._row_group_rows])
            del self._waiting[: self._row_group_rows]

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
        if self._waiting:
            self._write_row_group(self._waiting)
            self._waiting = []
        self._writer.close()
        return self.take(0)

    def _write_row_group(self, rows: list[Row]) -> None:
        self._writer.write_table(pa.Table.from_pylist(rows, schema=self._schema))
        self.written_rows += len(rows)
