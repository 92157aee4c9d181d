"""The compactor's loop over a source and a store in memory: what is committed, when, and what a crash leaves."""

import asyncio
import io
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from eyeshot.commit_log import Manifest, RecreatedTopic, decode
from eyeshot.event import EVENTS_MAX
from eyeshot.lake.ports import StoreUnavailable
from eyeshot.table import LOG_PREFIX
from services.compactor.app import Compactor
from services.compactor.settings import Compactor as Settings
from tests.builders import NOW_MS, batch, encoded, event
from tests.twins import MemorySource, MemoryStore

DEADLINE_SECONDS = 60  # a busy machine is no failure
NONCES = count()
NUMBERS = count()


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def batch_of(events: int = 1) -> bytes:
    """A batch that was never sent before."""
    return encoded(batch(n=next(NUMBERS) * EVENTS_MAX, e=[event()] * events))


class Rig:
    """A compactor and the world it runs in; the world outlives it."""

    def __init__(self, store: MemoryStore | None = None, source: MemorySource | None = None) -> None:
        self.store = store or MemoryStore()
        self.source = source or MemorySource()
        self.clock = Clock()
        self.stop = asyncio.Event()
        self.compactor = Compactor(
            source=self.source,
            store=self.store,
            topic="events",
            settings=Settings(flush_seconds=10),
            zone=ZoneInfo("UTC"),
            monotonic=self.clock,
            epoch_ms=lambda: NOW_MS,
            new_nonce=lambda: f"nonce{next(NONCES)}",
        )
        self.task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Rig":
        self.task = asyncio.create_task(self.compactor.run(self.stop))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop.set()
        assert self.task
        await self.task

    def produce(self, events: int = 1, **record: Any) -> None:
        self.source.produce(batch_of(events), **({"partition": 0, "timestamp": NOW_MS} | record))

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not condition():
                await asyncio.sleep(0.001)

    def manifests(self) -> list[Manifest]:
        return [decode(body) for key, body in sorted(self.store.objects.items()) if key.startswith(LOG_PREFIX)]

    def rows(self, table: str = "events") -> list[tuple[int | None, ...]]:
        """Coordinates of every visible row."""
        found: list[tuple[int | None, ...]] = []
        for key, body in self.store.objects.items():
            if key.startswith(f"{table}/"):
                columns = pq.read_table(io.BytesIO(body), partitioning=None)
                names = ("kafka_partition", "kafka_offset", "batch_index")
                found += zip(*(columns[name].to_pylist() for name in names), strict=True)
        return sorted(found, key=str)


async def test_a_clean_stop_commits_what_is_open():
    async with Rig() as rig:
        rig.produce(events=3)
        rig.produce(partition=1)
        await rig.until(lambda: rig.compactor._consumed.next_offsets() == {0: 1, 1: 1})
        assert rig.rows() == []
    assert rig.rows() == [(0, 0, 0), (0, 0, 1), (0, 0, 2), (1, 0, 0)]
    (manifest,) = rig.manifests()
    assert (manifest.reason, manifest.next_offsets) == ("shutdown", {0: 1, 1: 1})
    assert rig.source.hinted == {0: 1, 1: 1}
    assert rig.store.uploads == {}


async def test_rows_appear_when_the_oldest_record_is_old_enough_even_on_an_idle_topic():
    async with Rig() as rig:
        rig.produce()
        await rig.until(lambda: rig.compactor._first_record_at is not None)
        rig.clock.now = 9.9
        await asyncio.sleep(0.01)
        assert rig.rows() == []
        rig.clock.now = 10.0
        await rig.until(lambda: rig.rows() == [(0, 0, 0)])
        assert [manifest.reason for manifest in rig.manifests()] == ["age"]


async def test_a_stop_while_kafka_is_away_is_heard_at_once():
    rig = Rig()
    asked = asyncio.Event()

    async def no_answer() -> str:
        asked.set()
        return await asyncio.Future()

    rig.source.topic_id = no_answer  # type: ignore[method-assign]
    async with asyncio.timeout(DEADLINE_SECONDS), rig:
        await asked.wait()
    assert rig.manifests() == []


async def test_a_restart_goes_on_after_the_log_and_doubles_nothing():
    async with Rig() as first:
        first.produce()
        await first.until(lambda: first.compactor._first_record_at is not None)
    async with Rig(first.store, first.source) as second:
        second.produce()
        await second.until(lambda: second.compactor._first_record_at is not None)
    assert second.rows() == [(0, 0, 0), (0, 1, 0)]
    assert [manifest.sequence for manifest in second.manifests()] == [0, 1]


async def test_what_a_dead_committer_committed_is_published_by_the_next():
    async with Rig() as first:
        first.produce()
        await first.until(lambda: first.compactor._first_record_at is not None)
        first.compactor._publisher.publish = died_before_publishing  # type: ignore[method-assign]
    assert first.rows() == []
    async with Rig(first.store, first.source) as second:
        await second.until(lambda: second.rows() == [(0, 0, 0)])
    assert second.rows() == [(0, 0, 0)]


async def died_before_publishing(manifest: Manifest) -> None:
    """What kill -9 between commit and publish does."""


async def test_a_rebalance_commits_first_and_nothing_is_read_twice():
    async with Rig() as rig:
        rig.produce()
        await rig.until(lambda: rig.compactor._first_record_at is not None)
        await rig.source.rebalance()
        rig.produce()
        await rig.until(lambda: rig.compactor._first_record_at is not None)
    assert rig.rows() == [(0, 0, 0), (0, 1, 0)]
    assert [manifest.reason for manifest in rig.manifests()] == ["revoked", "shutdown"]


async def test_a_zombie_drops_its_rows_and_goes_on_where_the_winner_left():
    async with Rig() as zombie:
        zombie.produce()
        await zombie.until(lambda: zombie.compactor._first_record_at is not None)
        async with Rig(zombie.store, MemorySource()) as winner:
            winner.source.partitions = zombie.source.partitions
            await winner.until(lambda: winner.compactor._first_record_at is not None)
        zombie.clock.now = 10.0
        await zombie.until(lambda: zombie.compactor._first_record_at is None)
        zombie.produce()
        await zombie.until(lambda: zombie.compactor._first_record_at is not None)
    assert zombie.rows() == [(0, 0, 0), (0, 1, 0)]
    assert zombie.store.uploads == {}


async def test_a_lost_answer_to_the_commit_is_no_failure():
    rig = Rig()
    put, answers = rig.store.put_if_absent, iter([False])

    async def put_and_lose_the_answer(key: str, body: bytes) -> bool:
        mine = await put(key, body)
        return next(answers, mine) if key.startswith(LOG_PREFIX) else mine

    rig.store.put_if_absent = put_and_lose_the_answer  # type: ignore[method-assign]
    async with rig:
        rig.produce()
        await rig.until(lambda: rig.compactor._first_record_at is not None)
    assert rig.rows() == [(0, 0, 0)]
    assert len(rig.manifests()) == 1


async def test_a_recreated_topic_is_refused():
    async with Rig() as first:
        first.produce()
        await first.until(lambda: first.compactor._first_record_at is not None)
    second = Rig(first.store, MemorySource(topic_id="topic-2"))
    with pytest.raises(RecreatedTopic):
        async with second:
            await second.until(lambda: second.task and second.task.done())


async def test_a_store_without_exact_conditional_writes_is_refused():
    rig = Rig()

    async def overwrite(key: str, body: bytes) -> bool:
        rig.store.objects[key] = body
        return True

    rig.store.put_if_absent = overwrite  # type: ignore[method-assign]
    with pytest.raises(StoreUnavailable, match="would not be exact"):
        await rig.compactor.run(rig.stop)


async def test_garbage_stops_nothing_and_lands_in_rejected():
    async with Rig() as rig:
        rig.source.produce(b"garbage", partition=0, timestamp=NOW_MS)
        rig.produce()
        await rig.until(lambda: rig.compactor._consumed.next_offsets() == {0: 2, 1: 0})
    assert rig.rows() == [(0, 1, 0)]
    assert rig.rows("rejected") == [(0, 0, None)]
    assert [taken.events for taken in rig.manifests()[0].consumed] == [2]
