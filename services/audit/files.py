"""An object of the lake in; its footer or its rows' coordinates, read over the network, out."""

from collections.abc import Callable, Iterable
from functools import partial

import pyarrow as pa

from services.audit import parquet
from services.audit.core import Coverage, LakeObject, ParquetFacts


class ParquetFiles:
    """Fetches of each file only what is needed: `read` takes an object, a start and a length."""

    def __init__(self, read: Callable[[LakeObject, int, int], bytes]) -> None:
        self._read = read

    def facts(self, there: LakeObject) -> ParquetFacts | str:
        """What the footer says, or why it cannot be read."""
        try:
            return parquet.facts(self._open(there))
        except parquet.Damaged as damaged:
            return str(damaged)

    def coordinates(self, there: LakeObject) -> pa.Table | None:
        """Partition, offset and index of every row; None when they cannot be read, which its footer tells already."""
        try:
            return parquet.coordinates(self._open(there))
        except parquet.Damaged:
            return None

    def coverage(self, tables: Iterable[pa.Table]) -> dict[int, Coverage]:
        """What these rows cover, by Kafka partition."""
        return parquet.coverage(tables)

    def _open(self, there: LakeObject) -> parquet.RemoteFile:
        return parquet.RemoteFile(there.size, partial(self._read, there))
