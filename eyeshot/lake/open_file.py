"""Rows in; a pending upload at the file's final key, and what the manifest says of it, out."""

import asyncio

import pyarrow as pa

from eyeshot.commit_log import DataFile, OffsetRange
from eyeshot.fail_point import reach
from eyeshot.footer import Footer, encode, offsets_of
from eyeshot.lake.parquet import ParquetFile
from eyeshot.lake.ports import Store
from eyeshot.lake.sizes import memory_bytes, projected_bytes
from eyeshot.table import TABLES, Slot


class OpenFile:
    """A Parquet file that grows as parts of an upload nobody can see yet."""

    def __init__(
        self,
        store: Store,
        slot: Slot,
        key: str,
        *,
        row_group_rows: int,
        part_bytes: int,
    ) -> None:
        self._store = store
        self._slot = slot
        self._key = key
        self._part_bytes = part_bytes
        self._parquet = ParquetFile(TABLES[slot.table], row_group_rows)
        self._upload_id: str | None = None
        self._etags: list[str] = []
        self._times: tuple[int, int] | None = None

    @property
    def projected_bytes(self) -> int:
        """Size of the file if it were finished now."""
        parquet = self._parquet
        return projected_bytes(parquet.written_bytes, parquet.written_rows, parquet.pending_rows, parquet.row_groups)

    async def write(self, table: pa.Table, times: tuple[int, int]) -> None:
        """Add a table's rows whose records' times (epoch ms) lie within `times`."""
        least, most = self._times or times
        self._times = (min(least, times[0]), max(most, times[1]))
        await asyncio.to_thread(self._parquet.write, table)
        await self._upload(self._parquet.take(self._part_bytes))

    @property
    def memory_bytes(self) -> int:
        """What it holds in memory, estimated."""
        return memory_bytes(self._parquet.pending_bytes, self._parquet.waiting_bytes)

    async def finish(self, *, commit: str, topic_id: str, ranges: tuple[OffsetRange, ...]) -> DataFile:
        """Upload the rest; what the manifest says of the file. `commit` is the nonce of the manifest to come."""
        least, most = self._times or (0, 0)
        footer = Footer(
            key=self._key,
            commit=commit,
            topic_id=topic_id,
            offsets=offsets_of(ranges),
            record_time_min=least,
            record_time_max=most,
        )
        self._parquet.annotate(encode(footer))
        await self._upload(await asyncio.to_thread(self._parquet.close))
        assert self._upload_id is not None
        return DataFile(
            table=self._slot.table,
            key=self._key,
            day=self._slot.day,
            upload_id=self._upload_id,
            part_etags=tuple(self._etags),
            rows=self._parquet.written_rows,
            bytes=self._parquet.written_bytes,
            record_time_min=least,
            record_time_max=most,
        )

    async def abort(self) -> None:
        """Forget the upload."""
        if self._upload_id is not None:
            await self._store.abort(self._key, self._upload_id)

    async def _upload(self, body: bytes) -> None:
        if not body:
            return
        if self._upload_id is None:
            reach("before_upload")
            self._upload_id = await self._store.start_upload(self._key)
            reach("after_upload_start")
        reach("before_part")
        self._etags.append(await self._store.upload_part(self._key, self._upload_id, len(self._etags) + 1, body))
        reach("after_part")
