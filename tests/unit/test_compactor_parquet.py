"""Tables in, the bytes of one readable Parquet file out, however they are taken."""

import io

import pyarrow as pa
import pyarrow.parquet as pq

from eyeshot.lake.parquet import DELTA_CODED, SMALL_TABLES_MAX, ParquetFile, Waiting
from eyeshot.lake.schema import arrow_schema, decoded_schema
from eyeshot.table import EVENTS, REJECTED, TABLES
from tests.lake import read_back


def rejected(numbers: range) -> pa.Table:
    rows = [
        {"reason": "r", "value": b"v", "received_at": number, "kafka_partition": 0, "kafka_offset": number}
        for number in numbers
    ]
    return pa.Table.from_pylist(rows, schema=decoded_schema(REJECTED))


def events(sites: list[str | None]) -> pa.Table:
    return pa.Table.from_pylist([{"site": site} for site in sites], schema=decoded_schema(EVENTS))


def test_a_file_taken_in_pieces_reads_back_whole():
    file = ParquetFile(REJECTED, row_group_rows=100)
    pieces = []
    for start in range(0, 950, 50):
        file.write(rejected(range(start, start + 50)))
        pieces.append(file.take(1))
    pieces.append(file.close())
    body = b"".join(pieces)
    parquet = pq.ParquetFile(io.BytesIO(body))
    assert parquet.read()["kafka_offset"].to_pylist() == list(range(950))
    assert parquet.metadata.num_row_groups == 10
    assert parquet.metadata.row_group(0).column(0).compression == "SNAPPY"
    assert (file.written_rows, file.written_bytes) == (950, len(body))


def test_tables_larger_than_row_groups_are_cut_into_full_ones():
    file = ParquetFile(REJECTED, row_group_rows=100)
    file.write(rejected(range(250)))
    assert (file.written_rows, file.pending_rows) == (200, 50)
    file.write(rejected(range(250, 300)))
    assert (file.written_rows, file.pending_rows) == (300, 0)
    assert pq.read_table(io.BytesIO(file.close()))["kafka_offset"].to_pylist() == list(range(300))


def test_nothing_is_taken_before_there_is_enough():
    file = ParquetFile(REJECTED, row_group_rows=10)
    file.write(rejected(range(10)))
    written = file.written_bytes
    assert file.take(written + 1) == b""
    assert len(file.take(written)) == written
    assert file.written_bytes == written


def test_files_hold_the_plain_columns_however_rows_were_held_in_memory():
    for table in TABLES.values():
        columns = read_back(table, [pa.Table.from_pylist([{}], schema=decoded_schema(table))]).schema
        assert columns.names == arrow_schema(table).names
        assert [field.type for field in columns if field.name != "viewport"] == [
            field.type for field in arrow_schema(table) if field.name != "viewport"
        ]


def test_every_table_may_come_with_its_own_dictionary():
    parts: list[list[str | None]] = [["a", "b", None], ["c"], ["b", "a"], [None]]
    assert read_back(EVENTS, map(events, parts))["site"].to_pylist() == ["a", "b", None, "c", "b", "a", None]


def test_what_tables_share_is_in_the_row_groups_dictionary_once():
    file = ParquetFile(EVENTS, row_group_rows=100_000)
    for number in range(20):
        file.write(events([f"site-{number}", *(f"site-{each}" for each in range(5_000))]))
    assert len(file.close()) < 20 * 5_000 * len("site-1234") / 2


def test_many_small_tables_are_joined_and_stay_in_order():
    waiting = Waiting()
    for number in range(10_000):
        waiting.add(rejected(range(number, number + 1)))
    assert waiting.rows == 10_000
    assert len(waiting._tables) + len(waiting._small) <= SMALL_TABLES_MAX + 10
    assert waiting.take(9_000)["kafka_offset"].to_pylist() == list(range(9_000))
    assert waiting.take(1_000)["kafka_offset"].to_pylist() == list(range(9_000, 10_000))
    assert waiting.rows == 0


def test_times_are_delta_coded_ids_are_found_by_a_bloom_filter_and_pages_have_an_index():
    file = ParquetFile(EVENTS, row_group_rows=1_000)
    file.write(events(["a"] * 1_000))
    metadata = pq.read_metadata(io.BytesIO(file.close()))
    columns = {chunk.path_in_schema: chunk for chunk in map(metadata.row_group(0).column, range(metadata.num_columns))}
    assert all("DELTA_BINARY_PACKED" in columns[name].encodings for name in DELTA_CODED)
    assert all("RLE_DICTIONARY" in columns[name].encodings for name in set(columns) - DELTA_CODED)
    assert [name for name, chunk in columns.items() if chunk.bloom_filter_offset] == ["page_view_id"]
    assert all(chunk.has_column_index and chunk.has_offset_index for chunk in columns.values())
