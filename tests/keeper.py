"""A keeper over a store in memory, days of small files for it, and what a query and the audit find there."""

import asyncio
import io
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq

from eyeshot.commit_log import DataFile
from eyeshot.lake.log import CommitLog
from eyeshot.live import LiveTable, location
from eyeshot.table import Slot, day_of
from services.audit.core import Fault
from services.keeper.app import Keeper
from services.keeper.core import Tally
from services.keeper.days import Days
from services.keeper.rewrite import ParquetRewriter
from services.keeper.settings import Keeper as Settings
from tests.audit.lakes import A_DAY_MS, InMemory, MemoryLake, audited
from tests.builders import NOW_MS
from tests.twins import MemoryStore
from tests.unit.test_compactor_app import Rig

UTC_ZONE = ZoneInfo("UTC")
SLOT = Slot("events", day_of(NOW_MS, UTC_ZONE))
MIB = 1024 * 1024
NONCES = count()
FILES = 3


class FixedTopic:
    """A topic of which everything is in the log."""

    async def ends(self) -> dict[int, int]:
        return {0: 0, 1: 0}


class Rewriting(ParquetRewriter):
    """The real rewriter, which lets something happen between reading and committing."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store.tiers, file_bytes=MIB, row_group_rows=1_000, part_bytes=5 * MIB)
        self.meanwhile: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def tally(self, files: Sequence[DataFile]) -> Tally:
        await self.meanwhile(0)
        return await super().tally(files)


def a_keeper(
    store: MemoryStore,
    rewriter: ParquetRewriter | None = None,
    *,
    now_ms: int = NOW_MS + 2 * A_DAY_MS,
    monotonic: Callable[[], float] = lambda: 0.0,
    **changes: Any,
) -> Keeper:
    return Keeper(
        days=days(store, now_ms),
        rewriter=rewriter or Rewriting(store),
        settings=Settings(file_bytes=MIB, **changes),
        monotonic=monotonic,
    )


def days(store: MemoryStore, now_ms: int = NOW_MS + 2 * A_DAY_MS) -> Days:
    return Days(
        log=CommitLog(store),
        topic=FixedTopic(),
        zone=UTC_ZONE,
        clock_seconds_max=0,
        epoch_ms=lambda: now_ms,
        new_nonce=lambda: f"merge{next(NONCES)}",
    )


async def append(store: MemoryStore, source: Rig | None = None, events: int = 2) -> Rig:
    """One more file of the day, by a compactor that comes and goes."""
    rig = Rig(store, source.source if source else None)
    async with rig:
        rig.produce(events=events)
        await rig.until(lambda: rig.compactor._first_record_at is not None)
    return rig


async def a_day_of_small_files() -> Rig:
    rig = await append(MemoryStore())
    for _ in range(FILES - 1):
        rig = await append(rig.store, rig)
    return rig


async def live(store: MemoryStore) -> LiveTable:
    table = LiveTable()
    async for manifest in CommitLog(store).manifests_after(-1):
        table.append(manifest)
    return table


def faults(store: MemoryStore) -> tuple[Fault, ...]:
    """What the audit finds, every row's coordinates included."""
    vandal = InMemory()
    vandal.store, vandal.lake = store, MemoryLake(store)
    return audited(vandal, deep=True).faults


async def rows(store: MemoryStore) -> list[tuple[int, int]]:
    """What a query finds in the day's folder, once the metastore knows where it is."""
    tier, folder = location((await live(store)).files(SLOT), SLOT)
    found: list[tuple[int, int]] = []
    for key, body in store.tiers[tier].objects.items():
        if key.rpartition("/")[0] + "/" == folder:
            columns = pq.read_table(io.BytesIO(body))
            found += zip(columns["kafka_offset"].to_pylist(), columns["batch_index"].to_pylist(), strict=True)
    return sorted(found)


class Interrupted(MemoryStore):
    """A store to which something happens just before the next manifest is put."""

    def __init__(self, store: MemoryStore) -> None:
        self.__dict__ = store.__dict__
        self.meanwhile: Callable[[], Awaitable[Any]] | None = None

    async def put_if_absent(self, key: str, body: bytes) -> bool:
        if self.meanwhile:
            happens, self.meanwhile = self.meanwhile, None
            await happens()
        return await super().put_if_absent(key, body)
