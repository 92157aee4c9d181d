"""The bytes of a Parquet file, read piecemeal, in; its footer's facts, or the coordinates of its rows, out."""

import io
from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from eyeshot import footer
from services.audit.core import Coverage, ParquetFacts, Span

COORDINATES = ("kafka_partition", "kafka_offset", "batch_index")
Read = Callable[[int, int], bytes]


class Damaged(Exception):
    """It is no whole Parquet file; the text says why."""


class RemoteFile(io.RawIOBase):
    """A file of which only what is asked for is fetched: `read_range` takes a start and a length."""

    def __init__(self, size: int, read_range: Read) -> None:
        super().__init__()
        self._size = size
        self._read_range = read_range
        self._at = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """The place of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = base + offset
        return self._at

    def read(self, size: int = -1) -> bytes:
        """At most so many bytes from here."""
        length = min(size if size >= 0 else self._size, self._size - self._at)
        body = self._read_range(self._at, length) if length > 0 else b""
        self._at += len(body)
        return body


def facts(file: RemoteFile) -> ParquetFacts:
    """What the footer says. Raises Damaged."""
    try:
        metadata = pq.read_metadata(file)
        said = footer.decode(metadata.metadata or {})
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Damaged(str(error)) from None
    return ParquetFacts(metadata.num_rows, said, _span(metadata, "kafka_partition"), _span(metadata, "kafka_offset"))


def coordinates(file: RemoteFile) -> pa.Table:
    """Partition, offset and index of every row. Raises Damaged."""
    try:
        return pq.ParquetFile(file).read(columns=list(COORDINATES))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Damaged(str(error)) from None


def coverage(tables: Iterable[pa.Table]) -> dict[int, Coverage]:
    """What the files' rows cover together, by Kafka partition."""
    found = list(tables)
    if not found:
        return {}
    rows = pa.concat_tables(found)
    partitions = pc.unique(rows["kafka_partition"]).to_pylist()
    return {partition: _coverage(rows.filter(pc.field("kafka_partition") == partition)) for partition in partitions}


def _coverage(rows: pa.Table) -> Coverage:
    times = rows.group_by(["kafka_offset", "batch_index"]).aggregate([([], "count_all")])
    doubled = times.filter(pc.field("count_all") > 1)
    return Coverage(
        rows=rows.num_rows,
        runs=tuple(_runs(pc.unique(rows["kafka_offset"]))),
        doubled=tuple(zip(doubled["kafka_offset"].to_pylist(), doubled["batch_index"].to_pylist(), strict=True)),
    )


def _runs(offsets: pa.Array) -> Iterator[tuple[int, int]]:
    """Offsets as ranges (first, next); only the gaps between them are looped over."""
    ordered = offsets.take(pc.sort_indices(offsets))
    steps = pc.subtract(ordered[1:], ordered[:-1])
    breaks = pc.indices_nonzero(pc.not_equal(steps, 1)).to_pylist()
    first = 0
    for last in (*breaks, len(ordered) - 1):
        yield ordered[first].as_py(), ordered[last].as_py() + 1
        first = last + 1


def _span(metadata: pq.FileMetaData, column: str) -> Span | None:
    """A column's least and greatest value over all row groups; None when the footer does not tell."""
    names = metadata.schema.names
    if column not in names:
        return None
    groups = [metadata.row_group(number).column(names.index(column)) for number in range(metadata.num_row_groups)]
    known = [group.statistics for group in groups if group.statistics and group.statistics.has_min_max]
    if not known:
        return None
    return Span(min(each.min for each in known), max(each.max for each in known))
