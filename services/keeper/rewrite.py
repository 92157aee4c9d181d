"""Files of a day in; the same rows in few large files out, and what is in files, read back from the store."""

import asyncio
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from eyeshot.commit_log import DataFile
from eyeshot.lake.open_file import OpenFile
from eyeshot.lake.ports import Store
from eyeshot.lake.schema import SHARED, decoded_schema
from eyeshot.live import folder
from eyeshot.table import REWRITTEN_PREFIX, TABLES, Slot, rewritten_prefix
from eyeshot.tier import COLDER, Tier
from services.keeper.core import NOTHING, RowsDiffer, Tally
from services.keeper.ports import Chosen, Rewritten

COORDINATES = ("kafka_partition", "kafka_offset", "batch_index")
MULTIPLIERS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)  # odd and large: any will do


class ParquetRewriter:
    """One row group in memory at a time, besides the file it is read from and the parts that wait.

    `stores` are the buckets of the tiers: each file is read from its own tier's.
    """

    def __init__(self, stores: Mapping[Tier, Store], *, file_bytes: int, row_group_rows: int, part_bytes: int) -> None:
        self._stores = stores
        self._file_bytes = file_bytes
        self._row_group_rows = row_group_rows
        self._part_bytes = part_bytes

    async def rewrite(
        self, slot: Slot, files: Sequence[DataFile], nonce: str, tier: Tier, without: Chosen | None = None
    ) -> Rewritten:
        """The rows of these files, without those chosen, as few large ones in that tier, under a prefix of their own.

        Raises StoreUnavailable, NoSuchObject, UploadLost.
        """
        written: list[DataFile] = []
        read, left_out = NOTHING, 0
        current: OpenFile | None = None
        async for file, whole in self._row_groups(files):
            table = whole.filter(pc.invert(without.of(slot.table, whole))) if without else whole
            left_out += len(whole) - len(table)
            if not len(table):
                continue
            read = read.plus(tally(table))
            if current is None:
                current = self._open(slot, nonce, tier, len(written))
            await current.write(table, (file.record_time_min, file.record_time_max))
            if current.projected_bytes >= self._file_bytes:
                written.append(await self._finish(current, nonce, tier))
                current = None
        if current is not None:
            written.append(await self._finish(current, nonce, tier))
        return Rewritten(tuple(written), read, left_out)

    async def tally(self, files: Sequence[DataFile]) -> Tally:
        """What is in the files, read back from the store. Raises StoreUnavailable, NoSuchObject."""
        found = NOTHING
        for file in files:
            body = await self._stores[file.tier].get(file.key)
            found = found.plus(tally(await asyncio.to_thread(_coordinates, body)))
        return found

    async def count(self, files: Sequence[DataFile], chosen: Chosen) -> int:
        """How many of the chosen rows are in the files. Raises StoreUnavailable, NoSuchObject."""
        found = 0
        async for file, table in self._row_groups(files):
            found += pc.sum(chosen.of(file.table, table)).as_py() or 0
        return found

    async def folders(self) -> set[str]:
        """The folder of every rewriting in any tier. Raises StoreUnavailable."""
        stores = self._stores.values()
        return {folder(key) for store in stores for key in await _keys(store, REWRITTEN_PREFIX)}

    async def abort(self, before_ms: int) -> int:
        """Forget uploads into colder tiers begun before then, epoch ms; how many. Raises StoreUnavailable."""
        found = 0
        for store in (self._stores[tier] for tier in COLDER if tier in self._stores):
            for upload in await store.pending_uploads(REWRITTEN_PREFIX):
                if upload.started_at < before_ms:
                    await store.abort(upload.key, upload.upload_id)
                    found += 1
        return found

    async def remove(self, place: str) -> None:
        """Delete everything in a rewriting's folder, whatever its tier. Raises StoreUnavailable."""
        for store in self._stores.values():
            for key in await _keys(store, place):
                await store.delete(key)

    async def discard(self, files: Sequence[DataFile]) -> None:
        """Delete files that nobody will ever name. Raises StoreUnavailable."""
        for file in files:
            await self._stores[file.tier].delete(file.key)

    async def _row_groups(self, files: Sequence[DataFile]) -> AsyncIterator[tuple[DataFile, pa.Table]]:
        for file in files:
            source = _opened(await self._stores[file.tier].get(file.key))
            for number in range(source.num_row_groups):
                yield file, conform(await asyncio.to_thread(source.read_row_group, number), file.table)

    def _open(self, slot: Slot, nonce: str, tier: Tier, number: int) -> OpenFile:
        return OpenFile(
            self._stores[tier],
            slot,
            f"{rewritten_prefix(*slot, nonce)}{number:05d}.parquet",
            row_group_rows=self._row_group_rows,
            part_bytes=self._part_bytes,
        )

    async def _finish(self, current: OpenFile, nonce: str, tier: Tier) -> DataFile:
        """No query looks there yet, so that the file may exist before the commit."""
        file = await current.finish(commit=nonce, topic_id="", ranges=())
        await self._stores[tier].complete(file.key, file.upload_id, file.part_etags)
        return msgspec.structs.replace(file, tier=tier)


async def _keys(store: Store, prefix: str) -> list[str]:
    keys: list[str] = []
    while page := await store.keys_after(prefix, keys[-1] if keys else ""):
        keys += page
    return keys


def conform(table: pa.Table, name: str) -> pa.Table:
    """The rows in today's schema: a column that the file does not have yet is NULL, older time units are cast.

    Raises RowsDiffer for a column that is not declared here: a newer compactor wrote it, and it would be lost.
    """
    schema = decoded_schema(TABLES[name])
    if newer := set(table.column_names) - set(schema.names):
        raise RowsDiffer(
            f"a file of {name} has columns that are not declared here: {', '.join(sorted(newer))}; restart"
        )
    columns = [
        table[field.name].cast(field.type) if field.name in table.column_names else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def tally(table: Any) -> Tally:
    """How many rows, and the sum modulo 2**64 of a hash of each one's coordinates."""
    mixed = _number(0)
    for name, multiplier in zip(COORDINATES, MULTIPLIERS, strict=True):
        value = pc.fill_null(table[name].cast(pa.int64()), -1).cast(pa.uint64(), safe=False)
        mixed = pc.bit_wise_xor(mixed, pc.multiply(pc.add(value, _number(1)), _number(multiplier)))
    mixed = pc.multiply(mixed, pc.bit_wise_or(pc.shift_right(mixed, _number(29)), _number(1)))
    return Tally(len(table), pc.sum(mixed).as_py() or 0)


def _number(value: int) -> pa.Scalar:
    """Of a type that wraps around instead of refusing."""
    return pa.scalar(value, pa.uint64())


def _opened(body: bytes) -> pq.ParquetFile:
    there = SHARED.intersection(pq.read_schema(io.BytesIO(body)).names)  # not every table or older file has all
    return pq.ParquetFile(io.BytesIO(body), read_dictionary=sorted(there))


def _coordinates(body: bytes) -> Any:
    return pq.read_table(io.BytesIO(body), columns=list(COORDINATES))
