"""One exam for every spool: the twin in memory, and the real one on a disk."""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.collector.ports import Spool as SpoolPort
from services.collector.ports import Unavailable
from services.collector.settings import MIB, Spool
from services.collector.spool import SqliteSpool
from services.collector.spool_rules import RESERVED_BYTES, weight
from tests.twins import MemorySpool


class SpoolContract:
    async def test_what_is_appended_comes_out_oldest_first_until_it_is_removed(self, spool: SpoolPort):
        await spool.append(b"a", b"first")
        await asyncio.gather(*(spool.append(b"a", b"%d" % number) for number in range(5)))
        oldest = await spool.oldest(3)
        assert [record.value for record in oldest] == [b"first", b"0", b"1"]
        await spool.remove(oldest)
        assert [record.value for record in await spool.oldest(10)] == [b"2", b"3", b"4"]
        assert spool.waiting() == 3

    async def test_a_key_is_held_until_its_last_record_is_gone(self, spool: SpoolPort):
        assert not spool.holds(b"a")
        await spool.append(b"a", b"1")
        await spool.append(b"a", b"2")
        first, second = await spool.oldest(2)
        await spool.remove([first])
        assert spool.holds(b"a")
        await spool.remove([second])
        assert not spool.holds(b"a")

    async def test_a_record_set_aside_waits_no_longer(self, spool: SpoolPort):
        await spool.append(b"a", b"1")
        (record,) = await spool.oldest(1)
        await spool.set_aside(record, "too large")
        assert (spool.waiting(), spool.holds(b"a")) == (0, False)


class TestMemorySpool(SpoolContract):
    @pytest.fixture
    def spool(self) -> MemorySpool:
        return MemorySpool()


class TestSqliteSpool(SpoolContract):
    @pytest.fixture
    async def spool(self, tmp_path: Path) -> AsyncIterator[SqliteSpool]:
        spool = SqliteSpool(settings(tmp_path))
        await spool.start()
        yield spool
        await spool.stop()


def settings(folder: Path, **changes: int) -> Spool:
    return Spool(folder=str(folder), free_bytes_min=0, **changes)


async def values(spool: SqliteSpool) -> list[bytes]:
    return [record.value for record in await spool.oldest(1000)]


async def test_what_was_appended_is_there_after_a_restart_and_keys_are_held_again(tmp_path: Path):
    first = SqliteSpool(settings(tmp_path))
    await first.start()
    await first.append(b"k", b"kept")
    await first.stop()
    second = SqliteSpool(settings(tmp_path))
    await second.start()
    assert (await values(second), second.holds(b"k")) == ([b"kept"], True)
    await second.stop()


WRITER = """
import asyncio, sys
from services.collector.settings import Spool
from services.collector.spool import SqliteSpool

async def main():
    spool = SqliteSpool(Spool(folder=sys.argv[1], free_bytes_min=0))
    await spool.start()
    for number in range(1_000_000):
        await spool.append(b"key", b"%d" % number)
        print(number, flush=True)

asyncio.run(main())
"""


async def test_a_writer_killed_at_any_moment_loses_nothing_it_acknowledged_and_its_orphan_is_adopted(tmp_path: Path):
    survivor = SqliteSpool(settings(tmp_path))
    await survivor.start()  # has spool-0, so that the writer's file is an orphan after its death
    for _ in range(3):
        writer = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITER, str(tmp_path), stdout=asyncio.subprocess.PIPE
        )
        assert writer.stdout
        lines = [await writer.stdout.readline() for _ in range(20)]
        writer.send_signal(signal.SIGKILL)
        lines += (await writer.stdout.read()).splitlines()
        await writer.wait()
        acknowledged = {line.strip() for line in lines if line.strip()}
        await survivor.stop()
        survivor = SqliteSpool(settings(tmp_path))
        await survivor.start()
        records = await survivor.oldest(100_000)
        assert acknowledged <= {record.value for record in records}
        await survivor.remove(records)
    await survivor.stop()


async def test_two_spools_of_one_folder_never_share_a_file(tmp_path: Path):
    one, two = SqliteSpool(settings(tmp_path)), SqliteSpool(settings(tmp_path))
    await one.start()
    await one.append(b"k", b"1")
    await two.start()
    assert await values(two) == []
    await one.stop()
    await two.stop()
    assert sorted(path.name for path in tmp_path.glob("*.db")) == ["spool-0.db", "spool-1.db"]


@pytest.mark.parametrize(("spare", "taken"), [(1, True), (0, False)])
async def test_it_takes_records_up_to_its_bytes(tmp_path: Path, spare: int, taken: bool):
    value = b"x" * (MIB - weight(b"k", b"") - spare)
    spool = SqliteSpool(settings(tmp_path, bytes_max=MIB))
    await spool.start()
    await spool.append(b"k", value)
    assert (spool.ready() is None) == taken
    await spool.append(b"k", b"") if taken else None
    with pytest.raises(Unavailable, match="of at most 1048576"):
        await spool.append(b"k", b"")
    await spool.remove(await spool.oldest(1))
    assert spool.ready() is None
    await spool.stop()


@pytest.mark.parametrize(("spare", "ready"), [(0, True), (-1, False)])
async def test_it_leaves_its_disks_last_bytes_alone(tmp_path: Path, spare: int, ready: bool):
    spool = SqliteSpool(Spool(folder=str(tmp_path), free_bytes_min=MIB), lambda _: MIB + RESERVED_BYTES + spare)
    await spool.start()
    assert (spool.ready() is None) == ready
    await spool.stop()


async def test_a_row_whose_checksum_differs_is_set_aside_and_the_others_come_out(tmp_path: Path):
    first = SqliteSpool(settings(tmp_path))
    await first.start()
    for value in (b"1", b"2", b"3"):
        await first.append(b"k", value)
    await first.stop()
    with sqlite3.connect(tmp_path / "spool-0.db") as db:
        db.execute("UPDATE records SET value = x'00' WHERE number = 2")
    db.close()
    second = SqliteSpool(settings(tmp_path))
    await second.start()
    assert await values(second) == [b"1", b"3"]
    await second.stop()
    db = sqlite3.connect(tmp_path / "spool-0.db")
    assert db.execute("SELECT number, reason FROM set_aside").fetchall() == [(2, "checksum differs")]
    db.close()


async def test_a_damaged_page_costs_its_own_records_only_and_the_file_is_kept(tmp_path: Path):
    first = SqliteSpool(settings(tmp_path))
    await first.start()
    for number in range(50):
        await first.append(b"k", b"%04d" % number * 500)
    await first.stop()
    file = tmp_path / "spool-0.db"
    with file.open("r+b") as raw:
        raw.seek(20 * 4096)
        raw.write(os.urandom(4096))
    second = SqliteSpool(settings(tmp_path))
    await second.start()
    await second.oldest(1000)
    kept = await second.oldest(1000)
    assert 40 <= len(kept) < 50
    assert second.waiting() == len(kept)
    await second.append(b"k", b"goes on")
    await second.stop()
    assert list(tmp_path.glob("spool-0.db.damaged-*"))


async def test_a_file_that_is_no_database_is_put_aside_and_a_new_one_taken(tmp_path: Path):
    (tmp_path / "spool-0.db").write_bytes(b"this is no database" * 1000)
    (tmp_path / "spool-1.db").write_bytes(b"nor is this" * 1000)
    spool = SqliteSpool(settings(tmp_path))
    await spool.start()
    await spool.append(b"k", b"1")
    await spool.stop()
    assert len(list(tmp_path.glob("*.damaged-*"))) == 2
