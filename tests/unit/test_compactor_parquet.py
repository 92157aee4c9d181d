"""Rows in, the bytes of one readable Parquet file out, however they are taken."""

import io
from typing import Any

import pyarrow.parquet as pq

from eyeshot.table import REJECTED
from services.compactor.parquet import ParquetFile, arrow_schema


def row(number: int) -> dict[str, Any]:
    return {"reason": "r", "value": b"v", "received_at": number, "kafka_partition": 0, "kafka_offset": number}


def test_a_file_taken_in_pieces_reads_back_whole():
    file = ParquetFile(REJECTED, row_group_rows=100)
    pieces = []
    for start in range(0, 950, 50):
        file.write([row(number) for number in range(start, start + 50)])
        pieces.append(file.take(1))
    pieces.append(file.close())
    body = b"".join(pieces)
    parquet = pq.ParquetFile(io.BytesIO(body))
    assert parquet.read()["kafka_offset"].to_pylist() == list(range(950))
    assert parquet.metadata.num_row_groups == 10
    assert parquet.metadata.row_group(0).column(0).compression == "SNAPPY"
    assert parquet.schema_arrow.equals(arrow_schema(REJECTED))
    assert (file.written_rows, file.written_bytes) == (950, len(body))


def test_nothing_is_taken_before_there_is_enough():
    file = ParquetFile(REJECTED, row_group_rows=10)
    file.write([row(0)] * 10)
    written = file.written_bytes
    assert file.take(written + 1) == b""
    assert len(file.take(written)) == written
    assert file.written_bytes == written
