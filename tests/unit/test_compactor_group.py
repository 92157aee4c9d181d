"""Several compactors on one topic: they join, leave and die, and no row is lost or doubled."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack

import pytest

from eyeshot.lake import sizes
from eyeshot.lake.ports import NoSuchObject, StoreUnavailable
from services.compactor import core
from services.compactor.memory import resident_bytes
from services.compactor.rows import KafkaRecord
from tests.builders import NOW_MS
from tests.twins import MemoryGroup, MemorySource, MemoryStore
from tests.unit.test_compactor_app import DEADLINE_SECONDS, Rig, batch_of

PARTITIONS = 4


def produce(source: MemorySource, each: int = 1) -> None:
    for partition in range(PARTITIONS):
        for _ in range(each):
            source.produce(batch_of(), partition=partition, timestamp=NOW_MS)


def everything(source: MemorySource) -> list[tuple[int | None, ...]]:
    return [(partition, offset, 0) for partition, log in source.partitions.items() for offset in range(len(log))]


async def caught_up(rig: Rig, owned: int) -> None:
    def done() -> bool:
        offsets = rig.compactor._consumed.next_offsets()
        return len(offsets) == owned and all(len(rig.source.partitions[each]) == at for each, at in offsets.items())

    await rig.until(done)


async def test_a_second_compactor_takes_its_share_and_gives_it_back():
    group, store = MemoryGroup(PARTITIONS), MemoryStore()
    one, two = Rig(store, group.member()), Rig(store, group.member())
    async with one:
        await group.share_among(one.source)
        produce(one.source)
        await caught_up(one, 4)
        async with two:
            await group.share_among(one.source, two.source)
            produce(one.source, 2)
            await caught_up(one, 2)
            await caught_up(two, 2)
        await group.share_among(one.source)
        produce(one.source)
        await caught_up(one, 4)
    assert one.rows() == everything(one.source)
    assert {manifest.reason for manifest in one.manifests()} == {"revoked", "shutdown"}


async def test_of_a_killed_one_nothing_is_missed_and_nothing_doubled():
    group, store = MemoryGroup(PARTITIONS), MemoryStore()
    killed, heir = Rig(store, group.member()), Rig(store, group.member())
    async with AsyncExitStack() as ends:
        killed.task = asyncio.create_task(killed.compactor.run(killed.stop))
        await ends.enter_async_context(heir)
        await group.share_among(killed.source, heir.source)
        produce(killed.source, 3)
        await caught_up(killed, 2)
        await caught_up(heir, 2)
        killed.task.cancel()
        await asyncio.gather(killed.task, return_exceptions=True)
        await group.share_among(heir.source)
        produce(heir.source)
        await caught_up(heir, 4)
    assert heir.rows() == everything(heir.source)


async def test_two_that_commit_in_turn_rebase_on_each_other():
    group, store = MemoryGroup(PARTITIONS), MemoryStore()
    one, two = Rig(store, group.member()), Rig(store, group.member())
    async with one, two:
        await group.share_among(one.source, two.source)
        for _ in range(3):
            produce(one.source)
            for rig in (one, two):
                await caught_up(rig, 2)
                rig.clock.now += 10
                await rig.until(lambda rig=rig: rig.compactor._first_record_at is None)
    assert one.rows() == everything(one.source)
    assert [manifest.sequence for manifest in one.manifests()] == list(range(6))
    assert one.manifests()[-1].published_through >= 3  # each sees that the other's commits are published


class SlowSource(MemorySource):
    """Its next answer to a poll arrives only when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.polled = asyncio.Event()
        self.let_go = asyncio.Event()
        self.slow = False

    async def poll(self, seconds: float) -> list[KafkaRecord]:
        records = await super().poll(seconds)
        if self.slow and records:
            self.slow = False
            self.polled.set()
            await self.let_go.wait()
        return records


async def test_records_polled_before_a_rebalance_are_not_taken_after_it():
    source = SlowSource()
    rig = Rig(MemoryStore(), source)
    async with rig:
        rig.produce()
        await rig.until(lambda: rig.compactor._first_record_at is not None)
        source.slow = True
        rig.produce()
        await source.polled.wait()  # record 1 is under way …
        rig.compactor._consumed = core.Consumed({})  # … record 0 is dropped, as a lost commit does …
        await source.rebalance()  # … and the log says: go on at 0
        source.let_go.set()
        await rig.until(lambda: rig.compactor._consumed.next_offsets() == {0: 2, 1: 0})
    assert rig.rows() == [(0, 0, 0), (0, 1, 0)]
    assert [each.records for manifest in rig.manifests() for each in manifest.consumed] == [2]


async def test_a_resume_that_fails_commits_no_offsets_without_their_rows():
    rig = Rig()

    async def fail() -> int:
        raise StoreUnavailable("away")

    with pytest.raises(StoreUnavailable, match="away"):
        async with rig:
            rig.produce()
            await rig.until(lambda: rig.compactor._first_record_at is not None)
            rig.compactor._publisher.recover = fail  # type: ignore[method-assign]
            rig.stop.set()  # it would commit what is open, if anything were
            await rig.source.assign(frozenset({0, 1}))
    assert rig.manifests() == []


@pytest.mark.parametrize("failure", [StoreUnavailable("away"), NoSuchObject("a manifest"), RuntimeError("a mistake")])
async def test_whatever_fails_while_partitions_are_taken_over_ends_the_process(failure: Exception):
    source = MemorySource()

    async def fail(offsets: Mapping[int, int]) -> dict[int, int]:
        raise failure

    source.seek = fail  # type: ignore[method-assign]
    with pytest.raises(type(failure), match=str(failure)):
        async with Rig(MemoryStore(), source) as rig, asyncio.timeout(DEADLINE_SECONDS):
            assert rig.task
            await asyncio.wait({rig.task})


async def test_a_rebalance_commits_nothing_of_what_failed_half_way(monkeypatch: pytest.MonkeyPatch):
    async def fail(*_: object) -> None:
        raise StoreUnavailable("no such upload")

    monkeypatch.setattr("services.compactor.app.OpenFile.write", fail)
    rig = Rig()
    with pytest.raises(StoreUnavailable, match="no such upload"):
        async with rig:
            rig.produce()
            assert rig.task
            await asyncio.wait({rig.task}, timeout=DEADLINE_SECONDS)
            await rig.source.revoke()  # its offset counts as consumed, and its row is nowhere

    assert rig.manifests() == []


async def test_a_backlog_is_cut_by_memory_before_size_or_age(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sizes, "MEMORY_BYTES_PER_FILE", 512 * 1024 * 1024)
    async with Rig() as rig:
        rig.produce()
        await rig.until(lambda: rig.rows() == [(0, 0, 0)])
    assert [manifest.reason for manifest in rig.manifests()] == ["memory"]


@pytest.mark.parametrize(("resident_mib", "reason"), [(447, "shutdown"), (448, "memory")])
async def test_memory_is_what_the_process_really_takes(resident_mib: int, reason: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sizes, "MEMORY_BYTES_PER_FILE", 64 * 1024 * 1024)
    rig = Rig()
    rig.compactor._resident_bytes = lambda: resident_mib * 1024 * 1024
    async with rig:
        rig.produce()
        await rig.until(lambda: rig.compactor._consumed.next_offsets().get(0) == 1)
    assert [manifest.reason for manifest in rig.manifests()] == [reason]


def test_this_process_knows_its_memory():
    assert 10 < resident_bytes() / 1024**2 < 10_000
