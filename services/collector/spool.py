"""Records in, an fsynced SQLite file, the oldest records out: where they wait while Kafka is away."""

import asyncio
import logging
import os
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypeVar

from eyeshot import metrics
from eyeshot.logs import happened
from services.collector.ports import Unavailable, Waiting
from services.collector.settings import Spool
from services.collector.spool_rules import damaged, is_damage, may_pass, no_room, slot, weight
from services.collector.spool_table import Table, as_bytes, nothing

T = TypeVar("T")

OPEN_PAUSE_SECONDS = 1.0
"""Between two attempts to open the spool while its disk is full or fails."""


class _Arriving(NamedTuple):
    key: bytes
    value: bytes
    durable: "asyncio.Future[None]"


class SqliteSpool:
    """One worker's spool. One thread owns the file, so appends, drains and removals are in one order."""

    def __init__(self, settings: Spool, free_bytes: Callable[[Path], int] | None = None) -> None:
        self._settings = settings
        self._folder = Path(settings.folder)
        self._free_bytes = free_bytes or _free_bytes
        self._thread = ThreadPoolExecutor(1, "spool")
        self._keys, self._records, self._bytes = nothing()
        self._unwritten = 0
        self._arriving: list[_Arriving] = []
        self._committing: asyncio.Task[None] | None = None
        self._opening: asyncio.Task[None] | None = None
        self._mending: asyncio.Task[None] | None = None
        self._table: Table | None = None
        self._trouble: str | None = "the spool is not open yet"

    async def start(self) -> None:
        """Open it. While its disk is full or fails, go on trying: until then Kafka alone makes records durable."""
        if not await self._open():
            self._opening = asyncio.create_task(self._open_later())

    async def stop(self) -> None:
        """Write what is under way and let go."""
        if self._mending:
            await self._mending
        if self._opening:
            self._opening.cancel()
            await asyncio.wait({self._opening})
        self._trouble = "stopping"
        if self._committing:
            await self._committing
        await self._close()
        self._thread.shutdown()

    def holds(self, key: bytes) -> bool:
        """Whether a record of that key, or of another that shares its slot, is in it."""
        return self._keys[slot(key)] > 0

    def waiting(self) -> int:
        """Records in it, with those that are being written."""
        return self._records

    def ready(self) -> str | None:
        """Why it takes no records now, or None."""
        free = self._free_bytes(self._folder) if self._trouble is None else 0
        return self._trouble or no_room(self._bytes, free, self._settings)

    async def append(self, key: bytes, value: bytes) -> None:
        """Return once the record is fsynced, together with all others that came meanwhile."""
        if reason := self.ready():
            raise Unavailable(reason)
        # Counted before it is written: whatever comes later under this key must line up behind it.
        self._count(key, weight(key, value), 1)
        self._unwritten += 1
        arriving = _Arriving(key, value, asyncio.get_running_loop().create_future())
        self._arriving.append(arriving)
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit())
        await asyncio.shield(arriving.durable)

    async def oldest(self, records: int) -> Sequence[Waiting]:
        """The oldest records, in order; damaged ones among them are set aside first."""
        try:
            rows = await self._on_thread(self._open_table.oldest, records)
        except sqlite3.DatabaseError as error:
            happened("spool_read_failed", level=logging.ERROR, error=str(error))
            if not is_damage(error):
                raise Unavailable(f"the spool cannot be read: {error}") from None
            await self._mend()
            return []
        good = []
        for number, key, value, checksum in rows:
            record = Waiting(number, as_bytes(key), as_bytes(value))
            if damaged(key, value, checksum):
                await self.set_aside(record, "checksum differs")
            else:
                good.append(record)
        return good

    async def remove(self, records: Sequence[Waiting]) -> None:
        """Forget records that are durable elsewhere."""
        await self._change(self._open_table.remove, [each.number for each in records])
        if self._records == len(records):
            await self._shrink()
        # Last, so that whoever counts what it removed does so in the same step of the event loop.
        for each in records:
            self._count(each.key, weight(each.key, each.value), -1)
        self._show()

    async def set_aside(self, record: Waiting, reason: str) -> None:
        """Move a record to the table `set_aside` of the same file."""
        await self._change(self._open_table.copy_aside, record.number, reason)
        await self.remove([record])
        metrics.SPOOL_SET_ASIDE.inc()
        happened("record_set_aside", level=logging.ERROR, number=record.number, reason=reason)

    @property
    def _open_table(self) -> Table:
        assert self._table, "nothing waits in a spool that is not open"
        return self._table

    async def _open(self) -> bool:
        """Claim a file, take over what dead workers left in others, count what is there; whether the disk let us."""
        try:
            self._table = await self._on_thread(Table, self._folder)
            await self._take_stock_or_rebuild()
        except (sqlite3.DatabaseError, OSError) as error:
            await self._close()
            if not may_pass(error):
                raise
            self._trouble = f"the spool cannot be opened: {error}"
            happened("spool_not_opened", level=logging.ERROR, folder=str(self._folder), error=str(error))
            return False
        metrics.SPOOL_ADOPTED.inc(self._records)
        self._trouble = None
        happened("spool_opened", file=self._table.name, records=self._records, bytes=self._bytes)
        return True

    async def _open_later(self) -> None:
        while True:
            await asyncio.sleep(OPEN_PAUSE_SECONDS)
            if await self._open():
                return

    async def _close(self) -> None:
        table, self._table = self._table, None
        if table:
            await self._on_thread(table.close)
        self._keys, self._records, self._bytes = nothing()

    async def _commit(self) -> None:
        while self._arriving:
            await asyncio.sleep(self._settings.commit_ms / 1000)
            batch, self._arriving = self._arriving, []
            try:
                await self._on_thread(self._open_table.append, [(each.key, each.value) for each in batch])
            except sqlite3.Error as error:
                self._give_up(batch, error)
                if is_damage(error):
                    self._mend()
            else:
                self._unwritten -= len(batch)
                metrics.RECORDS_SPOOLED.inc(len(batch))
                self._show()
                for each in batch:
                    each.durable.set_result(None)
        self._committing = None

    def _give_up(self, batch: list[_Arriving], error: sqlite3.Error) -> None:
        happened("spool_write_failed", level=logging.ERROR, error=str(error), records=len(batch))
        self._unwritten -= len(batch)
        for each in batch:
            self._count(each.key, weight(each.key, each.value), -1)
            each.durable.set_exception(Unavailable(f"the spool cannot write: {error}"))
            each.durable.exception()  # whoever waited may have gone

    async def _take_stock_or_rebuild(self) -> None:
        try:
            await self._take_stock()
        except sqlite3.DatabaseError as error:
            happened("spool_read_failed", level=logging.ERROR, error=str(error))
            if not is_damage(error):
                raise
            await self._rebuild()

    def _mend(self) -> "asyncio.Task[None]":
        """The file is damaged beyond a row: rebuild it, whoever noticed first."""
        if self._mending is None or self._mending.done():
            self._trouble = "the spool is being rebuilt"
            self._mending = asyncio.create_task(self._rebuild_or_reopen())
        return self._mending

    async def _rebuild_or_reopen(self) -> None:
        try:
            await self._rebuild()
        except (sqlite3.Error, OSError) as error:
            happened("spool_not_rebuilt", level=logging.ERROR, error=str(error))
            await self._close()
            self._opening = asyncio.create_task(self._open_later())

    async def _rebuild(self) -> None:
        """Save what can be read into a new file, and keep the old one beside it."""
        if self._committing:
            await self._committing
        before = self._records
        unreadable = await self._on_thread(self._open_table.rebuild)
        await self._take_stock()
        metrics.SPOOL_FILES_DAMAGED.inc()
        metrics.SPOOL_UNREADABLE.inc(max(0, before - self._records))
        happened("spool_rebuilt", level=logging.ERROR, file=self._open_table.name, unreadable=unreadable)
        self._trouble = None

    async def _take_stock(self) -> None:
        self._keys, self._records, self._bytes = await self._on_thread(self._open_table.inventory)
        self._show()

    async def _shrink(self) -> None:
        """Give room back; a disk that fails at it may fail: the next time that nothing waits is early enough."""
        try:
            await self._on_thread(self._open_table.give_back)
        except sqlite3.Error as error:
            happened("spool_not_shrunk", level=logging.WARNING, error=str(error))

    def _count(self, key: bytes, size: int, sign: int) -> None:
        self._keys[slot(key)] += sign
        self._records += sign
        self._bytes += sign * size

    def _show(self) -> None:
        metrics.SPOOL_RECORDS.set(self._records - self._unwritten)
        metrics.SPOOL_BYTES.set(self._bytes)

    async def _change(self, change: Callable[..., None], *arguments: object) -> None:
        try:
            await self._on_thread(change, *arguments)
        except sqlite3.Error as error:
            raise Unavailable(f"the spool cannot write: {error}") from None

    async def _on_thread(self, work: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)


def _free_bytes(folder: Path) -> int:
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize
