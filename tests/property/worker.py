"""A compactor in the model's world: the real log, publisher, rules and patience around files that are lists of rows."""

import json
from collections.abc import Iterable
from datetime import date

from eyeshot.commit_log import DataFile, Draft, Manifest, next_offsets
from eyeshot.lake.log import CommitLog
from eyeshot.lake.patience import PatientStore
from eyeshot.lake.ports import AnswerUnknown, Store
from eyeshot.lake.publish import Publisher
from eyeshot.table import file_key
from services.compactor.core import Consumed
from services.compactor.rows import KafkaRecord
from tests.property.model import PARTITIONS, FaultyStore, Row, World

DAYS = (date(2025, 11, 25), date(2025, 11, 26))
ROUNDS_MAX = 4
RECORDS_MAX = 4


class Impatient(PatientStore):
    """A mutant's store: an unknown answer to a commit is taken as a failure."""

    async def put_if_absent(self, key: str, body: bytes) -> bool:
        return await self._store.put_if_absent(key, body)


class Worker:
    """What `services.compactor.app` does, in the same order; `mutant` names the mistake it makes."""

    def __init__(self, world: World, mutant: str = "") -> None:
        self._world = world
        self._mutant = mutant
        patience = Impatient if mutant == "abort on unknown" else PatientStore
        self._store: Store = patience(FaultyStore(world), retry_seconds_max=1, pause=world.pause)
        self._log = CommitLog(self._store)
        self._publisher = Publisher(self._store, self._log, self._rebuild, world.pause)

    async def run(self) -> None:
        """Until killed."""
        while True:
            await self.compact(self._world.random.sample(range(PARTITIONS), self._world.random.randint(1, PARTITIONS)))

    async def compact(self, owned: list[int]) -> None:
        """From an assignment to the next; assignments of workers may overlap."""
        await self._publisher.recover()
        offsets = next_offsets(self._log.tip)
        consumed = Consumed({partition: offsets.get(partition, 0) for partition in owned})
        for _ in range(self._world.random.randint(1, ROUNDS_MAX)):
            if not await self._cut(consumed, self._read(consumed)):
                return

    def _read(self, consumed: Consumed) -> list[KafkaRecord]:
        most = self._world.random.randint(1, RECORDS_MAX)
        return consumed.take(
            KafkaRecord(partition, offset, 0, b"")
            for partition, first in consumed.next_offsets().items()
            for offset in range(first, min(first + most, self._world.topic[partition]))
        )

    async def _cut(self, consumed: Consumed, records: list[KafkaRecord]) -> bool:
        if not records:
            await self._world.pause(1)
            return True
        rows = [(record.partition, record.offset) for record in records]
        late = self._mutant == "commit before parts"
        files = [await self._file(day, some, parts=not late) for day, some in by_day(rows)]
        if self._mutant == "publish before commit":
            for file in files:
                await self._store.complete(file.key, file.upload_id, file.part_etags)
        try:
            outcome = await self._log.commit(self._draft(consumed, files))
        except AnswerUnknown:  # only the impatient get here
            await self._abort(files)
            return False
        if not outcome.mine:
            await self._abort(files)
            return False
        if late:
            for file, (_, some) in zip(files, by_day(rows), strict=True):
                await self._store.upload_part(file.key, file.upload_id, 1, json.dumps(some).encode())
        consumed.committed()
        await self._publisher.publish(outcome.manifest)
        return True

    async def _file(self, day: date, rows: list[Row], parts: bool = True) -> DataFile:
        key = file_key("events", day, self._world.nonce())
        upload_id = await self._store.start_upload(key)
        etag = await self._store.upload_part(key, upload_id, 1, json.dumps(rows).encode()) if parts else ""
        return DataFile(
            table="events",
            key=key,
            day=day,
            upload_id=upload_id,
            part_etags=(etag,),
            rows=len(rows),
            bytes=0,
            record_time_min=0,
            record_time_max=0,
        )

    def _draft(self, consumed: Consumed, files: list[DataFile]) -> Draft:
        return Draft(
            nonce=self._world.nonce(),
            topic="events",
            topic_id="t",
            created_at=0,
            reason="size",
            consumed=consumed.ranges(),
            files=tuple(files),
        )

    async def _abort(self, files: list[DataFile]) -> None:
        for file in files:
            await self._store.abort(file.key, file.upload_id)

    async def _rebuild(self, manifest: Manifest, file: DataFile) -> Draft:
        ranges = manifest.consumed or manifest.rebuilt_from
        rows = [(taken.partition, offset) for taken in ranges for offset in range(taken.first, taken.next)]
        return Draft(
            kind="repair",
            nonce=self._world.nonce(),
            topic="events",
            topic_id="t",
            created_at=0,
            reason="repair",
            files=(await self._file(file.day, dict(by_day(rows))[file.day]),),
            removed=(file.key,),
            rebuilt_from=ranges,
        )


def by_day(rows: Iterable[Row]) -> list[tuple[date, list[Row]]]:
    """Rows of even and of odd offsets are of different days, so that a commit has one file or two."""
    days: dict[date, list[Row]] = {}
    for row in rows:
        days.setdefault(DAYS[row[1] % 2], []).append(row)
    return sorted(days.items())
