"""Records in; the bytes and rows of the Parquet files out: one function per way to get there, ours among them."""

import io
import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj
import pyarrow.parquet as pq

from bench import schemas
from deploy.paths import ROOT
from eyeshot.lake.parquet import ParquetFile
from eyeshot.lake.schema import arrow_schema
from eyeshot.table import EVENTS, TABLES, Slot
from services.compactor.decode import decode
from services.compactor.rows import KafkaRecord
from services.compactor.user_agent import families

POLL_BYTES = 10 * 1024 * 1024
ROW_GROUP_ROWS = 100_000
ZONE = ZoneInfo("UTC")


PEERS = ROOT / ".venv-peers" / "bin" / "python"  # where DuckDB is, if `make peers` made it


class Written(NamedTuple):
    """What came out; the seconds of processor time, where another process used them."""

    rows: int
    bytes: int
    cpu_seconds: float | None = None


Way = Callable[[list[KafkaRecord]], Written]


def ours(records: list[KafkaRecord]) -> Written:
    """The compactor's own decoding and writing."""
    files: dict[Slot, ParquetFile] = {}
    size = 0
    for poll in _polls(records):
        for slot, table in decode(poll, ZONE).tables.items():
            file = files.setdefault(slot, ParquetFile(TABLES[slot.table], ROW_GROUP_ROWS))
            file.write(table)
            size += len(file.take(1))
    size += sum(len(file.close()) for file in files.values())
    return Written(sum(file.written_rows for file in files.values()), size)


def naive(records: list[KafkaRecord]) -> Written:
    """json.loads, a dict per event, from_pylist: what one writes first. It checks nothing."""
    files = NaiveFiles()
    files.take(records)
    return files.close()[0]


def _naive_rows(record: KafkaRecord) -> list[dict[str, Any]]:
    value = json.loads(record.value)
    batch = value.get("batch", value)
    head = {schemas.FULL_NAMES.get(name, name): each for name, each in batch.items() if name != "e"}
    reader = families(value.get("user_agent"))
    received_at = value.get("received_at", record.timestamp)
    rows = []
    for index, event in enumerate(batch.get("e", [{}])):
        row = head | {schemas.FULL_NAMES[name]: each for name, each in event.items()}
        row["sequence"] = head["sequence"] + index
        row["event_time"] = received_at - (head["sent_at"] - row["timestamp"])
        row["received_at"] = received_at
        row["ip_prefix"] = value.get("ip_prefix")
        row["user_agent_browser"], row["user_agent_os"], row["user_agent_device"], row["suspect"] = reader
        row["kafka_partition"], row["kafka_offset"], row["batch_index"] = record.partition, record.offset, index
        rows.append(row)
    return rows


def ceiling_batches(records: list[KafkaRecord]) -> Written:
    """pyarrow.json with the nested schema, flatten and take, write by day: it checks and adds nothing."""
    files = _Files(schemas.CEILING_ROW)
    for poll in _polls(records):
        read = _read(poll, schemas.COLLECTED)
        batch = read["batch"].combine_chunks()
        parents = pc.list_parent_indices(batch.field("e"))
        events = pc.list_flatten(batch.field("e"))
        columns = {name: _shared(batch.field(name), parents) for name in schemas.HEAD_NAMES}
        columns |= {name: events.field(name) for name in schemas.EVENT_NAMES}
        columns |= {name: _shared(read[name].combine_chunks(), parents) for name in schemas.ENVELOPE_NAMES}
        _write_by_day(files, pa.table(columns, schema=files.schema), poll, parents)
    return files.close()


def ceiling_singles(records: list[KafkaRecord]) -> Written:
    """pyarrow.json with the flat schema, written by day."""
    files = _Files(schemas.SINGLE)
    for poll in _polls(records):
        _write_by_day(files, _read(poll, schemas.SINGLE), poll, None)
    return files.close()


def duckdb_batches(records: list[KafkaRecord]) -> Written:
    """DuckDB's JSON reader and unnest."""
    return _duckdb(
        records,
        schemas.DUCKDB_COLLECTED,
        "SELECT received_at, user_agent, ip_prefix, batch.* EXCLUDE (e), unnest(batch.e, recursive := true)",
    )


def duckdb_singles(records: list[KafkaRecord]) -> Written:
    """DuckDB's JSON reader."""
    return _duckdb(records, schemas.DUCKDB_SINGLE, "SELECT *")


def _duckdb(records: list[KafkaRecord], columns: str, select: str) -> Written:
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        source, target = Path(folder, "in.json"), Path(folder, "out.parquet")
        source.write_bytes(b"\n".join(record.value for record in records))
        read = f"FROM read_json('{source}', format = 'newline_delimited', columns = {columns})"
        options = f"FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE {ROW_GROUP_ROWS}"
        command = [str(PEERS), "-m", "bench.peers.duckdb_json", f"{select} {read}", str(target), options]
        used = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
        return Written(pq.read_metadata(target).num_rows, target.stat().st_size, used["cpu_seconds"])


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a file in memory, so that no disk is timed


def _polls(records: list[KafkaRecord]) -> Iterator[list[KafkaRecord]]:
    """Records as polls bring them."""
    first, size = 0, 0
    for position, record in enumerate(records, 1):
        size += len(record.value)
        if size >= POLL_BYTES or position == len(records):
            yield records[first:position]
            first, size = position, 0


def _read(records: list[KafkaRecord], schema: pa.Schema) -> pa.Table:
    return pj.read_json(
        pa.py_buffer(b"\n".join([record.value for record in records])),
        read_options=pj.ReadOptions(use_threads=False, block_size=2 * POLL_BYTES),
        parse_options=pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
    )


def _shared(column: pa.Array, parents: pa.Array) -> pa.Array:
    return (column.dictionary_encode() if column.type == pa.string() else column).take(parents)


def _write_by_day(files: "_Files", table: pa.Table, records: list[KafkaRecord], parents: pa.Array | None) -> None:
    times = pa.array([record.timestamp for record in records], pa.timestamp("ms"))
    days = pc.floor_temporal(times, unit="day")
    days = days if parents is None else days.take(parents)
    for day in days.unique():
        files.write(str(day), table.filter(pc.equal(days, day)))


class NaiveFiles:
    """A file for each day from dicts; they wait until they fill a row group."""

    def __init__(self) -> None:
        self._files = _Files(arrow_schema(EVENTS))
        self._waiting: dict[str, list[dict[str, Any]]] = {}

    def take(self, records: list[KafkaRecord]) -> None:
        """Add the events of the records."""
        for record in records:
            day = datetime.fromtimestamp(record.timestamp / 1000, UTC).date().isoformat()
            rows = self._waiting.setdefault(day, [])
            rows.extend(_naive_rows(record))
            if len(rows) >= ROW_GROUP_ROWS:
                self._write(day)

    def close(self) -> tuple[Written, dict[str, bytes]]:
        """Finish the files; what they are, and the bytes of each day's."""
        for day in list(self._waiting):
            self._write(day)
        return self._files.close(), self._files.bodies()

    def _write(self, day: str) -> None:
        self._files.write(day, pa.Table.from_pylist(self._waiting.pop(day), schema=self._files.schema))


class _Files:
    """One plain Parquet file per day; rows wait until they fill a row group."""

    def __init__(self, schema: pa.Schema) -> None:
        self.schema = schema
        self._open: dict[str, tuple[io.BytesIO, pq.ParquetWriter]] = {}
        self._waiting: dict[str, list[pa.Table]] = {}
        self._rows = 0

    def write(self, day: str, table: pa.Table) -> None:
        waiting = self._waiting.setdefault(day, [])
        waiting.append(table)
        if sum(each.num_rows for each in waiting) >= ROW_GROUP_ROWS:
            self._flush(day)

    def _flush(self, day: str) -> None:
        if day not in self._open:
            sink = io.BytesIO()
            self._open[day] = (sink, pq.ParquetWriter(sink, self.schema, compression="snappy", store_schema=False))
        table = pa.concat_tables(self._waiting.pop(day)).unify_dictionaries()
        self._open[day][1].write_table(table)
        self._rows += table.num_rows

    def close(self) -> Written:
        """Finish the files."""
        for day in list(self._waiting):
            self._flush(day)
        for _, writer in self._open.values():
            writer.close()
        return Written(self._rows, sum(sink.tell() for sink, _ in self._open.values()))

    def bodies(self) -> dict[str, bytes]:
        """The finished files' bytes by day."""
        return {day: sink.getvalue() for day, (sink, _) in self._open.items()}
