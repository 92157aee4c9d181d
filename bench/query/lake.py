"""Rows in; files as the compactor writes them, and a log that names them, on the real S3 server, out."""

import secrets
import time
from collections.abc import Iterable, Sequence
from datetime import date

import pyarrow as pa

from bench.query.rows import Rows
from bench.tables import ZONE
from eyeshot.commit_log import DataFile, Draft, OffsetRange
from eyeshot.lake.log import CommitLog
from eyeshot.lake.open_file import OpenFile
from eyeshot.lake.s3 import S3Store
from eyeshot.settings import S3
from eyeshot.table import Slot, day_end_ms, file_key
from services.compactor.settings import Compactor

ROW_GROUP_ROWS = Compactor().row_group_rows
PART_BYTES = 8 * 1024 * 1024
MANIFEST_FILES = 300  # a file takes half a kilobyte of a manifest's 256 KiB
TOPIC_ID = "bench"


class Lake:
    """A bucket that is filled."""

    def __init__(self, settings: S3) -> None:
        self._store = S3Store(settings)
        self._log = CommitLog(self._store)
        self.files: list[DataFile] = []

    async def write(self, day: date, tables: Iterable[pa.Table]) -> DataFile:
        """One file of a day."""
        nonce = secrets.token_hex(12)
        slot = Slot("events", day)
        key = file_key(*slot, nonce)
        file = OpenFile(self._store, slot, key, row_group_rows=ROW_GROUP_ROWS, part_bytes=PART_BYTES)
        ends = day_end_ms(day, ZONE) - 1
        for table in tables:
            await file.write(table, (ends, ends))
        written = await file.finish(commit=nonce, topic_id=TOPIC_ID, ranges=())
        await self._store.complete(written.key, written.upload_id, written.part_etags)
        return written

    async def commit(self, files: Sequence[DataFile], consumed: tuple[OffsetRange, ...] = ()) -> None:
        """Name the files in as many manifests as they need; what was consumed is said by the last of them."""
        for first in range(0, len(files), MANIFEST_FILES):
            some = tuple(files[first : first + MANIFEST_FILES])
            last = first + MANIFEST_FILES >= len(files)
            await self._commit(some, consumed if last else ())
        self.files += files

    async def _commit(self, files: tuple[DataFile, ...], consumed: tuple[OffsetRange, ...]) -> None:
        await self._log.refresh()
        draft = Draft(
            nonce=secrets.token_hex(12),
            topic="events",
            topic_id=TOPIC_ID,
            created_at=time.time_ns() // 1_000_000,
            reason="age",
            files=files,
            consumed=consumed,
        )
        outcome = await self._log.commit(draft)
        assert outcome.mine, "somebody else writes to this log"
        self._log.window.published(outcome.manifest.sequence)


def consumed(rows: Rows, copies: int) -> tuple[OffsetRange, ...]:
    """What it took to make so many copies of the template."""
    return tuple(OffsetRange(partition=each, first=0, next=next_ * copies) for each, next_ in rows.next_offsets.items())
