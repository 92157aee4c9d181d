"""What is left of dead compactors and lost uploads, and who may touch it."""

from typing import Any

import msgspec
import pytest

from eyeshot import metrics
from eyeshot.commit_log import Manifest
from eyeshot.lake.publish import Publisher
from services.compactor.app import Compactor
from tests.builders import NOW_MS
from tests.twins import MemoryStore
from tests.unit.test_commit_log import data_file
from tests.unit.test_compactor_app import Rig, died_before_publishing

A_DAY_MS = 24 * 3_600_000


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eyeshot.lake.publish.LOOK_SECONDS", 0)


async def dead_committer(before: Rig | None = None, **record: Any) -> Rig:
    """A compactor that commits what it reads and dies before it publishes."""
    rig = Rig(before.store, before.source) if before else Rig()
    async with rig:
        rig.produce(**record)
        await rig.until(lambda: rig.compactor._first_record_at is not None)
        rig.compactor._publisher.publish = died_before_publishing  # type: ignore[method-assign]
    return rig


async def next_one(rig: Rig) -> Rig:
    """Start another compactor in the same world, and stop it when it has caught up."""
    async with Rig(rig.store, rig.source) as another:
        await another.until(lambda: another.compactor.trouble is None)
    return another


async def test_everything_that_several_dead_committers_left_is_published(monkeypatch: pytest.MonkeyPatch):
    first = await dead_committer()
    recover = Publisher.recover

    async def only_read(self: Publisher) -> int:
        await self._log.refresh()
        return 0

    monkeypatch.setattr(Publisher, "recover", only_read)
    second = await dead_committer(await dead_committer(first))
    monkeypatch.setattr(Publisher, "recover", recover)
    assert second.rows() == []
    third = await next_one(second)
    assert third.rows() == [(0, 0, 0), (0, 1, 0), (0, 2, 0)]


async def test_a_lost_upload_is_rebuilt_from_kafka_with_the_rows_of_its_file_alone():
    lost_before = metrics.REPAIRS._value.get()
    rig = Rig()
    async with rig:
        rig.produce(events=2)
        rig.produce(timestamp=NOW_MS + A_DAY_MS)
        rig.produce(partition=1)
        await rig.until(lambda: rig.compactor._consumed.next_offsets() == {0: 2, 1: 1})
        rig.compactor._publisher.publish = died_before_publishing  # type: ignore[method-assign]
    today = next(upload for upload in rig.store.uploads if "day=25" in upload)
    del rig.store.uploads[today]
    after = await next_one(rig)
    assert after.rows() == [(0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0)]
    committed, repair = after.manifests()
    assert (repair.kind, repair.reason, repair.removed) == ("repair", "repair", (today.split("#")[0],))
    assert repair.rebuilt_from == committed.consumed
    assert [file.rows for file in repair.files] == [3]
    assert repair.lost == ()
    assert metrics.REPAIRS._value.get() == lost_before + 1


async def test_what_kafka_no_longer_has_is_named(caplog: pytest.LogCaptureFixture):
    rig = Rig()
    async with rig:
        for _ in range(3):
            rig.produce()
        await rig.until(lambda: rig.compactor._consumed.next_offsets() == {0: 3, 1: 0})
        rig.compactor._publisher.publish = died_before_publishing  # type: ignore[method-assign]
    rig.store.uploads.clear()
    rig.source.beginnings[0] = 2
    after = await next_one(rig)
    assert after.rows() == [(0, 2, 0)]
    (gone,) = after.manifests()[-1].lost
    assert (gone.partition, gone.first, gone.next, gone.records) == (0, 0, 2, 2)
    assert "records_lost_for_ever" in caplog.text


async def test_a_repair_of_which_nothing_is_left_still_closes_the_case():
    rig = await dead_committer()
    rig.store.uploads.clear()
    rig.source.beginnings[0] = 1
    after = await next_one(rig)
    assert after.rows() == []
    assert [manifest.kind for manifest in after.manifests()] == ["append", "repair"]
    assert after.manifests()[-1].files == ()
    assert after.store.uploads == {}
    assert (await next_one(after)).manifests() == after.manifests()


async def test_two_that_find_the_same_file_lost_repair_it_once():
    rig = await dead_committer()
    rig.store.uploads.clear()
    slow, quick = Rig(rig.store, rig.source), Rig(rig.store, rig.source)
    rebuild = slow.compactor._publisher._rebuild

    async def while_another_is_quicker(manifest: Manifest, file: Any) -> Any:
        await quick.compactor._publisher.recover()
        return await rebuild(manifest, file)

    slow.compactor._publisher._rebuild = while_another_is_quicker
    await slow.compactor._publisher.recover()
    assert rig.rows() == [(0, 0, 0)]
    assert [manifest.kind for manifest in rig.manifests()] == ["append", "repair"]
    assert rig.store.uploads == {}


async def test_a_publisher_that_slept_does_not_bring_back_what_was_removed_meanwhile():
    rig = await dead_committer()
    sleeper = Rig(rig.store, rig.source).compactor
    await sleeper._log.refresh()
    hidden = dict(rig.store.uploads)
    rig.store.uploads.clear()  # gone for everybody else …
    after = await next_one(rig)
    rig.store.uploads.update(hidden)  # … and, in a store that is worse than any we know, there again
    manifest = rig.manifests()[0]
    await sleeper._publisher.publish(manifest)
    assert after.rows() == [(0, 0, 0)]


async def test_what_a_clean_stop_leaves_is_no_upload_and_no_doubt():
    rig = Rig()
    async with rig:
        rig.produce()
        await rig.until(lambda: rig.compactor._first_record_at is not None)
    async with Rig(rig.store, rig.source) as second:
        second.produce()
        await second.until(lambda: second.compactor._first_record_at is not None)
    assert rig.store.uploads == {}
    assert [manifest.published_through for manifest in rig.manifests()] == [-1, 0]


async def test_old_uploads_that_no_manifest_names_are_swept_and_no_others():
    rig = await dead_committer()
    store = rig.store
    named = set(store.uploads)
    abandoned = await store.start_upload("events/year=2025/month=11/day=25/abandoned.parquet")
    store.now_ms = NOW_MS
    young = await store.start_upload("events/year=2025/month=11/day=25/young.parquet")
    compactor: Compactor = Rig(store, rig.source).compactor
    await compactor._log.refresh()
    await compactor._sweep_now_and_then()
    assert set(store.uploads) == named | {young}
    assert abandoned not in store.uploads


async def test_offsets_that_retention_took_are_in_the_manifest_and_the_chain_has_no_gap():
    rig = Rig()
    async with rig:
        rig.produce()
        await rig.until(lambda: rig.compactor._first_record_at is not None)
    for _ in range(4):
        rig.produce()
    rig.source.beginnings[0] = 3
    async with Rig(rig.store, rig.source) as late:
        await late.until(lambda: late.compactor._first_record_at is not None)
    manifest = late.manifests()[-1]
    (taken,), (gone,) = manifest.consumed, manifest.lost
    assert (taken.first, taken.next, taken.records) == (1, 5, 2)
    assert (gone.first, gone.next) == (1, 3)


async def test_a_store_that_says_yes_to_every_completion_is_not_believed():
    class Yes(MemoryStore):
        async def complete(self, key: str, upload_id: str, etags: tuple[str, ...]) -> None:
            if upload_id in self.uploads:
                await super().complete(key, upload_id, etags)

    rig = Rig(Yes())
    async with rig:
        rig.produce()
        await rig.until(lambda: rig.compactor._first_record_at is not None)
        rig.compactor._publisher.publish = died_before_publishing  # type: ignore[method-assign]
    rig.store.uploads.clear()
    after = await next_one(rig)
    assert after.rows() == [(0, 0, 0)]
    assert [manifest.kind for manifest in after.manifests()] == ["append", "repair"]


async def test_what_another_has_not_published_yet_stays_below_no_watermark():
    rig = Rig()
    async with rig:
        slow = Rig(rig.store, rig.source)
        await rig.until(lambda: rig.compactor.trouble is None)
        draft = msgspec.structs.replace(await slow.compactor._draft("age", ()), topic_id="topic-1")
        rig.store.now_ms = NOW_MS  # so young that no sweep takes it, whenever it comes
        upload = await rig.store.start_upload("events/slow")
        etag = await rig.store.upload_part("events/slow", upload, 1, b"PAR1")
        file = data_file(key="events/slow", upload_id=upload, part_etags=(etag,))
        await slow.compactor._log.refresh()
        await slow.compactor._log.commit(msgspec.structs.replace(draft, files=(file,)))
        for end in (10.0, 20.0):
            rig.produce()
            await rig.until(lambda: rig.compactor._first_record_at is not None)
            rig.clock.now = end
            await rig.until(lambda: rig.compactor._first_record_at is None)
        await rig.store.complete("events/slow", upload, (etag,))
        rig.produce()
        await rig.until(lambda: rig.compactor._first_record_at is not None)
        rig.clock.now = 30.0
        await rig.until(lambda: len(rig.manifests()) == 4)
        assert [manifest.published_through for manifest in rig.manifests()] == [-1, -1, -1, -1]
        assert rig.compactor._log.window.published_through == 3
        del rig.store.objects["events/slow"]
