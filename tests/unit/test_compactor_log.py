"""The commit log over a store: its tip without a listing of everything, unknown answers, what counts as published."""

import asyncio
from typing import Any

import msgspec
import pytest

from eyeshot.commit_log import Draft, Manifest, OffsetRange, decode, encode, read
from eyeshot.lake.log import CommitLog
from eyeshot.lake.patience import ATTEMPTS_WHEN_STOPPING, PatientStore
from eyeshot.lake.ports import AnswerUnknown, StoreUnavailable
from eyeshot.lake.window import Window
from eyeshot.table import LOG_PREFIX, TIP_HINT_KEY, manifest_key
from tests.twins import MemoryStore
from tests.unit.test_commit_log import commit, data_file


def draft(nonce: str, partition: int = 0, first: int = 0, following: int = 1, **changes: Any) -> Draft:
    consumed = (OffsetRange(partition=partition, first=first, next=following),)
    arguments: dict[str, Any] = {"topic": "events", "topic_id": "t", "created_at": 1, "reason": "age"}
    return Draft(nonce=nonce, consumed=consumed, **(arguments | changes))


class Counting(MemoryStore):
    """Counts its listings; fails the next calls of one kind in the given way."""

    def __init__(self) -> None:
        super().__init__()
        self.listings = 0
        self.faults: list[str] = []

    async def keys_after(self, prefix: str, after: str) -> list[str]:
        self.listings += 1
        return await super().keys_after(prefix, after)

    async def put_if_absent(self, key: str, body: bytes) -> bool:
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "request lost":
            raise AnswerUnknown(fault)
        mine = await super().put_if_absent(key, body)
        if fault == "answer lost":
            raise AnswerUnknown(fault)
        return mine


async def filled(commits: int) -> Counting:
    store = Counting()
    log = CommitLog(store)
    for number in range(commits):
        await log.commit(draft(f"n{number}", first=number, following=number + 1))
    store.listings = 0
    return store


async def found_tip(store: MemoryStore) -> int | None:
    tip = await CommitLog(store).refresh()
    return tip.sequence if tip else None


async def test_with_a_hint_the_tip_costs_two_listings_however_long_the_log_is():
    store = await filled(2_500)
    assert await found_tip(store) == 2_499
    assert store.listings == 2


@pytest.mark.parametrize("length", [0, 1, 2, 999, 1_000, 1_001, 2_500])
async def test_without_a_hint_the_tip_is_found_in_some_dozens_of_listings(length: int):
    store = await filled(length)
    store.objects.pop(TIP_HINT_KEY, None)
    assert await found_tip(store) == (length - 1 if length else None)
    assert store.listings <= 24


async def test_a_page_that_is_not_full_is_not_taken_for_the_last(monkeypatch: pytest.MonkeyPatch):
    store = await filled(50)
    del store.objects[TIP_HINT_KEY]
    whole = MemoryStore.keys_after

    async def short_pages(self: MemoryStore, prefix: str, after: str) -> list[str]:
        return (await whole(self, prefix, after))[:3]

    monkeypatch.setattr(MemoryStore, "keys_after", short_pages)
    assert await found_tip(store) == 49


def hint(**changes: Any) -> bytes:
    return msgspec.json.encode({"sequence": 5, "sha256": "0" * 64} | changes)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\x00",
        b"[]",
        b'{"sequence": 5}',
        hint(),
        hint(sequence=-1),
        hint(sequence=10),
        hint(sequence=10**18),
        hint(sequence="5"),
    ],
    ids=["empty", "binary", "list", "no digest", "wrong digest", "negative", "too new", "far too new", "text"],
)
async def test_a_hint_that_is_damaged_or_wrong_is_passed_over(body: bytes):
    store = await filled(10)
    store.objects[TIP_HINT_KEY] = body
    assert await found_tip(store) == 9


async def test_a_stale_hint_is_only_a_place_to_begin():
    store = await filled(3)
    stale = store.objects[TIP_HINT_KEY]
    log = CommitLog(store)
    await log.refresh()
    for number in range(3, 9):
        await log.commit(draft(f"n{number}", first=number, following=number + 1))
    store.objects[TIP_HINT_KEY] = stale
    assert await found_tip(store) == 8


async def test_what_is_no_manifest_does_not_disturb_the_log():
    store = await filled(3)
    store.objects[f"{LOG_PREFIX}notes.txt"] = b"left by hand"
    del store.objects[TIP_HINT_KEY]
    assert await found_tip(store) == 2


async def test_a_hint_that_cannot_be_written_fails_no_commit(monkeypatch: pytest.MonkeyPatch):
    async def refuse(self: MemoryStore, key: str, body: bytes) -> None:
        raise StoreUnavailable("no")

    store = await filled(1)
    log = CommitLog(store)
    await log.refresh()
    monkeypatch.setattr(MemoryStore, "put", refuse)
    store.put_if_absent = absent(store)  # type: ignore[method-assign]
    assert (await log.commit(draft("next", first=1, following=2))).mine


def absent(store: MemoryStore) -> Any:
    async def put(key: str, body: bytes) -> bool:
        store.objects[key] = body
        return True

    return put


async def no_pause(seconds: float) -> None:
    await asyncio.sleep(0)


@pytest.mark.parametrize("faults", [["request lost"], ["answer lost"], ["answer lost", "request lost", "answer lost"]])
async def test_an_unknown_answer_is_asked_again_and_the_nonce_tells_whose_it_is(faults: list[str]):
    store = await filled(1)
    log = CommitLog(PatientStore(store, retry_seconds_max=1, pause=no_pause))
    await log.refresh()
    store.faults = list(faults)
    outcome = await log.commit(draft("mine", first=1, following=2))
    assert outcome.mine
    assert [key for key in store.objects if key.startswith(LOG_PREFIX)] == [manifest_key(0), manifest_key(1)]


async def test_pauses_grow_to_their_bound_and_the_trouble_is_told_meanwhile():
    store = await filled(0)
    pauses: list[float] = []
    troubles: list[str | None] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        troubles.append(patient.trouble)

    patient = PatientStore(store, retry_seconds_max=0.5, pause=pause)
    store.faults = ["request lost"] * 5
    assert await patient.put_if_absent("k", b"")
    assert pauses == [0.1, 0.2, 0.4, 0.5, 0.5]
    assert troubles == ["cannot commit, the store does not answer: request lost"] * 5
    assert patient.trouble is None


async def test_whoever_is_told_to_stop_does_not_wait_for_ever():
    store = await filled(0)
    patient = PatientStore(store, retry_seconds_max=1, stopping=lambda: True, pause=no_pause)
    store.faults = ["request lost"] * ATTEMPTS_WHEN_STOPPING
    with pytest.raises(AnswerUnknown):
        await patient.put_if_absent("k", b"")


async def test_a_commit_that_does_not_go_on_where_the_tip_leaves_off_is_not_even_tried():
    store = await filled(3)
    log = CommitLog(store)
    await log.refresh()
    outcome = await log.commit(draft("twice", first=1, following=3))
    assert not outcome.mine
    assert not any(b"twice" in body for body in store.objects.values())


async def test_each_manifest_names_the_bytes_of_the_one_before():
    store = await filled(3)
    entries = [read(store.objects[manifest_key(number)]) for number in range(3)]
    assert [entry.manifest.previous for entry in entries] == ["", entries[0].sha256, entries[1].sha256]


def window(*manifests: Manifest) -> Window:
    filled = Window()
    for manifest in manifests:
        filled.append(read(encode(manifest)))
    return filled


def test_a_manifests_watermark_closes_everything_up_to_it():
    first = commit(None, {0: (0, 1)})
    second = commit(first, {0: (1, 2)})
    third = commit(second, {0: (2, 3)}, published_through=1)
    assert [each.sequence for each in window(first, second).open()] == [0, 1]
    assert window(first, second).published_through == -1
    assert [each.sequence for each in window(first, second, third).open()] == [2]
    assert window(first, second, third).published_through == 1


def test_the_watermark_waits_for_the_oldest_open_manifest():
    first = commit(None, {0: (0, 1)})
    second = commit(first, {0: (1, 2)})
    both = window(first, second)
    both.published(1)
    assert both.published_through == -1
    both.published(0)
    assert both.published_through == 1
    assert both.open() == []


def test_a_file_that_a_later_manifest_removed_is_not_published_even_when_the_later_one_is():
    first = commit(None, {0: (0, 1)}, files=(data_file(key="lost"), data_file(key="kept")))
    repair = commit(first, {}, kind="repair", removed=("lost",), files=(data_file(key="rebuilt"),))
    both = window(first, repair)
    both.published(1)
    assert [file.key for file in both.to_publish(0)] == ["kept"]


async def test_the_watermark_is_in_the_manifest_that_is_written_next():
    store = await filled(0)
    log = CommitLog(store)
    await log.commit(draft("a", first=0, following=1))
    log.window.published(0)
    await log.commit(draft("b", first=1, following=2))
    assert decode(store.objects[manifest_key(1)]).published_through == 0
