"""Which days the metastore is told, and what happens while it is away."""

import asyncio
from collections.abc import Sequence
from datetime import date

from eyeshot.commit_log import Manifest
from services.partitioner.app import MetastoreUnavailable, Partitioner
from services.partitioner.core import Day, batches, days_of
from services.partitioner.settings import Partitioner as Settings
from tests.unit.test_commit_log import commit, data_file

TODAY = date(2025, 11, 25)
TOMORROW = date(2025, 11, 26)
LAST_WEEK = date(2025, 11, 18)


class MemoryLog:
    def __init__(self, *manifests: Manifest) -> None:
        self.unread = list(manifests)

    async def read_on(self) -> list[Manifest]:
        read, self.unread = self.unread, []
        return read


class MemoryMetastore:
    def __init__(self) -> None:
        self.tables = False
        self.days: list[Day] = []
        self.away = False

    async def create_tables(self) -> None:
        self._answer()
        self.tables = True

    async def register(self, table: str, days: Sequence[date]) -> None:
        self._answer()
        assert self.tables
        self.days += [Day(table, day) for day in days]

    def _answer(self) -> None:
        if self.away:
            raise MetastoreUnavailable("it is away")


def partitioner(log: MemoryLog, metastore: MemoryMetastore) -> Partitioner:
    return Partitioner(log=log, metastore=metastore, settings=Settings(), today=lambda: TODAY)


def old_day() -> Manifest:
    return commit(None, {0: (0, 1)}, files=(data_file(day=LAST_WEEK),))


async def test_today_and_tomorrow_are_there_before_any_file():
    metastore = MemoryMetastore()
    await partitioner(MemoryLog(), metastore)._step()
    assert set(metastore.days) == {Day(table, day) for table in ("events", "rejected") for day in (TODAY, TOMORROW)}


async def test_the_days_of_the_log_are_registered_once():
    metastore = MemoryMetastore()
    log = MemoryLog(old_day())
    tailing = partitioner(log, metastore)
    assert await tailing._step()
    log.unread = [old_day()]
    await tailing._step()
    assert metastore.days.count(Day("events", LAST_WEEK)) == 1


async def test_while_the_metastore_is_away_nothing_is_forgotten():
    metastore = MemoryMetastore()
    tailing = partitioner(MemoryLog(old_day()), metastore)
    metastore.away = True
    await tailing._step()
    assert tailing.trouble == "it is away"
    metastore.away = False
    await tailing._step()
    assert Day("events", LAST_WEEK) in metastore.days
    assert tailing.trouble is None


async def test_it_stops_when_it_is_told_to():
    stop = asyncio.Event()
    running = asyncio.create_task(partitioner(MemoryLog(), MemoryMetastore()).run(stop))
    stop.set()
    await asyncio.wait_for(running, timeout=60)


def test_the_days_of_a_manifest_are_those_of_its_files():
    assert days_of([old_day()]) == {Day("events", LAST_WEEK)}


def test_days_are_sent_in_batches_of_one_table():
    days = [Day("events", date(2025, 1, number)) for number in range(1, 6)] + [Day("rejected", TODAY)]
    assert [(table, len(some)) for table, some in batches(days, 2)] == [
        ("events", 2),
        ("events", 2),
        ("events", 1),
        ("rejected", 1),
    ]
