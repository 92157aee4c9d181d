"""A spool whose disk is full, fails or was damaged: it says no, loses nothing that it said yes to, and comes back."""

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.collector.ports import Unavailable
from services.collector.settings import Spool
from services.collector.spool import SqliteSpool
from services.collector.spool_table import Table
from tests.chaos.collector.disk import SmallDisk
from tests.contract.test_workers import Reader, running, spooled

DEADLINE_SECONDS = 60
RECORDS = 50
PLENTY = 2**40


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    disk = SmallDisk(tmp_path / "disk")
    if disk.cannot_fill:
        pytest.skip(f"a disk that can be full takes a mount: {disk.cannot_fill}")
    yield disk
    disk.close()


async def opened(folder: Path) -> SqliteSpool:
    """A spool that does not look how full its disk is, and so runs against the wall."""
    spool = SqliteSpool(Spool(folder=str(folder), free_bytes_min=0), lambda _: PLENTY)
    await spool.start()
    return spool


async def filled(folder: Path) -> None:
    spool = await opened(folder)
    for number in range(RECORDS):
        await spool.append(b"k", b"%d" % number)
    await spool.stop()


async def values(spool: SqliteSpool) -> list[bytes]:
    return [record.value for record in await spool.oldest(1_000_000)]


async def until_ready(spool: SqliteSpool) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while spool.ready():
            await asyncio.sleep(0.05)


async def test_a_full_disk_refuses_records_keeps_the_others_and_takes_more_when_there_is_room(disk: SmallDisk):
    spool = await opened(disk.folder)
    await spool.append(b"k", b"before")
    disk.fill()
    with pytest.raises(Unavailable, match="full"):
        for _ in range(10_000):
            await spool.append(b"k", os.urandom(100_000))
    disk.empty()
    await spool.append(b"k", b"after")
    assert [value for value in await values(spool) if len(value) < 100] == [b"before", b"after"]
    await spool.stop()


async def test_a_full_disk_does_not_keep_what_was_published_from_being_forgotten_later(disk: SmallDisk):
    spool = await opened(disk.folder)
    for _ in range(20):
        await spool.append(b"k", os.urandom(100_000))
    disk.fill()
    records = await spool.oldest(100)
    try:
        await spool.remove(records)
    except Unavailable:
        disk.empty()
        await spool.remove(records)
    assert (spool.waiting(), await values(spool)) == (0, [])
    await spool.stop()


async def test_what_was_published_is_forgotten_even_if_its_room_cannot_be_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def failing(_: Table) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(Table, "give_back", failing)
    spool = await opened(tmp_path)
    await spool.append(b"k", b"v")
    await spool.remove(await spool.oldest(1))
    assert (spool.waiting(), spool.holds(b"k"), await values(spool)) == (0, False, [])
    await spool.stop()


async def test_a_spool_on_a_full_disk_opens_as_soon_as_there_is_room(disk: SmallDisk):
    await filled(disk.folder / "spool")
    disk.fill()
    spool = await opened(disk.folder / "spool")
    disk.empty()
    await until_ready(spool)
    assert await values(spool) == [b"%d" % number for number in range(RECORDS)]
    await spool.stop()


@pytest.mark.parametrize("file", ["spool-0.db", "spool-1.db"], ids=["its own", "an orphan"])
async def test_a_file_that_cannot_be_opened_now_is_no_damaged_one(tmp_path: Path, file: str):
    await filled(tmp_path)
    (tmp_path / "spool-0.db").rename(tmp_path / file)
    obstacle = tmp_path / f"{file}-wal"
    obstacle.mkdir()  # SQLite cannot open its log
    spool = await opened(tmp_path)
    assert "cannot be opened" in (spool.ready() or "")
    with pytest.raises(Unavailable):
        await spool.append(b"k", b"v")
    obstacle.rmdir()
    await until_ready(spool)
    assert await values(spool) == [b"%d" % number for number in range(RECORDS)]
    await spool.stop()
    assert list(tmp_path.glob("*damaged*")) == []


async def test_a_spool_that_never_opened_can_be_stopped(tmp_path: Path):
    await filled(tmp_path)
    (tmp_path / "spool-0.db-wal").mkdir()
    await (await opened(tmp_path)).stop()


@pytest.mark.parametrize("table", ["sqlite_sequence", "records"])
@pytest.mark.parametrize("file", ["spool-0.db", "spool-1.db"], ids=["its own", "an orphan"])
async def test_whatever_page_is_damaged_it_starts_with_what_can_be_read(tmp_path: Path, table: str, file: str):
    await filled(tmp_path)
    (tmp_path / "spool-0.db").rename(tmp_path / file)
    db = sqlite3.connect(tmp_path / file)
    ((page,),) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchall()
    db.close()
    with (tmp_path / file).open("r+b") as raw:
        raw.seek((page - 1) * 4096)
        raw.write(b"\xff" * 4096)
    spool = await opened(tmp_path)
    with contextlib.suppress(Unavailable):  # the first to notice is refused
        await spool.append(b"k", b"is refused")
    await until_ready(spool)
    await spool.append(b"k", b"goes on")
    left = [value for value in await values(spool) if value != b"is refused"]
    await spool.stop()
    everything = [b"%d" % number for number in range(RECORDS)]
    assert left == ([*everything, b"goes on"] if table == "sqlite_sequence" else [b"goes on"])
    assert len(list(tmp_path.glob(f"{file}.damaged-*"))) == (table == "records" or file == "spool-0.db")


@pytest.mark.parametrize("number", [0, 1], ids=["its own", "an orphan"])
async def test_a_rebuild_that_a_crash_ended_before_its_last_step_is_finished(tmp_path: Path, number: int):
    await filled(tmp_path)
    (tmp_path / "spool-0.db").rename(tmp_path / f"spool-{number}.rebuilt")
    (tmp_path / f"spool-{number}.db-wal").write_bytes(b"the log of the damaged one" * 1000)
    spool = await opened(tmp_path)
    assert await values(spool) == [b"%d" % each for each in range(RECORDS)]
    await spool.stop()


async def test_with_kafka_away_and_its_disk_full_the_collector_answers_503_and_202_again_when_there_is_room(
    disk: SmallDisk,
):
    async with running(disk.folder / "spool", workers=1) as collector:
        reader = Reader(collector.port, 1)
        client = await asyncio.open_connection("127.0.0.1", collector.port)
        assert await reader._post(*client)
        disk.fill()
        await reader._post(*client)
        disk.empty()
        await reader._post(*client)
        client[1].close()
    assert reader.outcomes == {202: 2, 503: 1}
    assert set(await spooled(disk.folder / "spool")) == reader.acknowledged
