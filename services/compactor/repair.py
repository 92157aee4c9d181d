"""A committed file that the store lost in; its rows, read from Kafka again, as the draft of a repair out."""

import asyncio
import logging
from collections.abc import Callable
from zoneinfo import ZoneInfo

from eyeshot.commit_log import MAPPING_VERSION, DataFile, Draft, Manifest, OffsetRange, check_topic
from eyeshot.fail_point import reach
from eyeshot.lake.open_file import OpenFile
from eyeshot.lake.ports import Store
from eyeshot.logs import happened
from eyeshot.table import Slot, file_key
from services.compactor import core
from services.compactor.decode import decode
from services.compactor.duplicates import Duplicates
from services.compactor.ports import Source
from services.compactor.rows import KafkaRecord
from services.compactor.settings import Compactor as Settings


class Rebuilder:
    """Rebuilds one file at a time; of its commit's records only the rows of its table and day."""

    def __init__(
        self,
        source: Source,
        store: Store,
        settings: Settings,
        epoch_ms: Callable[[], int],
        new_nonce: Callable[[], str],
    ) -> None:
        self._source = source
        self._store = store
        self._settings = settings
        self._epoch_ms = epoch_ms
        self._new_nonce = new_nonce

    async def __call__(self, manifest: Manifest, file: DataFile) -> Draft:
        """A repair of the file. What Kafka no longer has is said, loudly, and is part of the draft."""
        if manifest.mapping_version != MAPPING_VERSION:
            happened(
                "repaired_with_another_mapping",
                level=logging.ERROR,
                key=file.key,
                written_with=manifest.mapping_version,
                read_with=MAPPING_VERSION,
            )
        check_topic(manifest, await self._source.topic_id())
        wanted = manifest.consumed or manifest.rebuilt_from
        nonce, open_file = self._new_nonce(), self._open(file)
        again = _Again(self._source, manifest, Slot(file.table, file.day), open_file)
        counts = [await again.write(taken) for taken in wanted]
        lost = core.lost_records(wanted, counts)
        _tell(manifest, file, lost)
        rebuilt = await open_file.finish(commit=nonce, topic_id=manifest.topic_id, ranges=wanted)
        if not rebuilt.rows:
            await open_file.abort()
        return Draft(
            kind="repair",
            nonce=nonce,
            topic=manifest.topic,
            topic_id=manifest.topic_id,
            created_at=self._epoch_ms(),
            reason="repair",
            time_zone=manifest.time_zone,
            files=(rebuilt,) if rebuilt.rows else (),
            removed=(file.key,),
            rebuilt_from=wanted,
            lost=lost,
            deduplication=manifest.deduplication,
        )

    def _open(self, file: DataFile) -> OpenFile:
        return OpenFile(
            self._store,
            Slot(file.table, file.day),
            file_key(file.table, file.day, self._new_nonce()),
            row_group_rows=self._settings.row_group_rows,
            part_bytes=self._settings.part_bytes,
        )


class _Again:
    """Writes rows of a commit a second time: those of one slot, without the duplicates that it left out."""

    def __init__(self, source: Source, manifest: Manifest, slot: Slot, open_file: OpenFile) -> None:
        self._source = source
        self._zone = ZoneInfo(manifest.time_zone)
        self._slot = slot
        self._file = open_file
        rule = manifest.deduplication
        self._duplicates = Duplicates(source, self._zone, rule) if rule else None

    async def write(self, taken: OffsetRange) -> core.Found:
        """Write the range's rows that belong into the file; what of the range was there."""
        found = core.Found(0, taken.next)
        async for records in self._source.reread(taken.partition, taken.first, taken.next):
            found = core.Found(found.records + len(records), min(found.first, records[0].offset))
            await self._write(records)
            reach("during_rebuild")
        return found

    async def _write(self, records: list[KafkaRecord]) -> None:
        decoded = await asyncio.to_thread(decode, records, self._zone)
        if self._duplicates:
            await self._duplicates.leave_out(records, decoded)
        if self._slot in decoded.tables:
            await self._file.write(decoded.tables[self._slot], decoded.times[self._slot])


def _tell(manifest: Manifest, file: DataFile, lost: tuple[OffsetRange, ...]) -> None:
    for gone in lost:
        happened(
            "records_lost_for_ever",
            level=logging.ERROR,
            sequence=manifest.sequence,
            table=file.table,
            day=file.day.isoformat(),
            partition=gone.partition,
            first_offset=gone.first,
            next_offset=gone.next,
            records=gone.records,
        )
