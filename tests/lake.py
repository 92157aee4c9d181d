"""Rows in; what a reader of their Parquet file finds, out."""

import io
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from eyeshot.lake.parquet import ParquetFile
from eyeshot.lake.schema import decoded_schema
from eyeshot.table import Table

ROW_GROUP_ROWS = 1_000


def written(table: Table, rows: list[dict[str, Any]]) -> pa.Table:
    """Write rows into a file and read it."""
    return read_back(table, [pa.Table.from_pylist(rows, schema=decoded_schema(table))])


def read_back(table: Table, tables: Iterable[pa.Table]) -> pa.Table:
    """Write tables into a file and read it."""
    file = ParquetFile(table, ROW_GROUP_ROWS)
    for each in tables:
        file.write(each)
    return pq.read_table(io.BytesIO(file.close()))
