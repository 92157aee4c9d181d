"""One exam for every store: the twin in memory, and S3 on a real server."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from eyeshot.lake.ports import AnswerUnknown, NoSuchObject, Store, StoreUnavailable, UploadLost
from eyeshot.lake.s3 import S3Store
from eyeshot.settings import S3
from tests.s3_server import BUCKET, client, running
from tests.twins import MemoryStore

KEY = "events/year=2025/month=11/day=25/a.parquet"
PART = b"x" * (5 * 1024 * 1024)
CLOCKS_DIFFER_MS = 60_000
Delete = Callable[[str], None]


async def uploaded(store: Store, *bodies: bytes, key: str = KEY) -> tuple[str, tuple[str, ...]]:
    upload_id = await store.start_upload(key)
    etags = [await store.upload_part(key, upload_id, number, body) for number, body in enumerate(bodies, start=1)]
    return upload_id, tuple(etags)


class StoreContract:
    async def test_of_many_writers_of_one_key_exactly_one_is_first(self, store: Store):
        won = await asyncio.gather(*(store.put_if_absent("_log/x", b"%d" % number) for number in range(20)))
        assert won.count(True) == 1
        assert await store.get("_log/x") == b"%d" % won.index(True)
        assert await store.put_if_absent("_log/x", b"later") is False

    async def test_what_is_not_there_is_said_to_be_not_there(self, store: Store):
        assert await store.exists(KEY) is False
        with pytest.raises(NoSuchObject, match="_log/none"):
            await store.get("_log/none")

    async def test_a_plain_put_overwrites(self, store: Store):
        await store.put("_log/hint", b"one")
        await store.put("_log/hint", b"two")
        assert await store.get("_log/hint") == b"two"

    async def test_an_upload_is_invisible_until_it_is_completed(self, store: Store):
        upload_id, etags = await uploaded(store, PART, b"end")
        assert await store.exists(KEY) is False
        assert await store.keys_after("events/", "") == []
        await store.complete(KEY, upload_id, etags)
        assert await store.get(KEY) == PART + b"end"
        assert await store.keys_after("events/", "") == [KEY]

    async def test_the_same_part_again_is_the_same_part(self, store: Store):
        upload_id, etags = await uploaded(store, b"part")
        assert await store.upload_part(KEY, upload_id, 1, b"part") == etags[0]
        await store.complete(KEY, upload_id, etags)
        assert await store.get(KEY) == b"part"

    async def test_completing_again_changes_nothing(self, store: Store):
        upload_id, etags = await uploaded(store, b"part")
        await store.complete(KEY, upload_id, etags)
        await store.complete(KEY, upload_id, etags)
        assert await store.get(KEY) == b"part"

    async def test_completing_again_brings_no_deleted_object_back(self, store: Store, delete: Delete):
        upload_id, etags = await uploaded(store, b"part")
        await store.complete(KEY, upload_id, etags)
        delete(KEY)
        with suppress(UploadLost):  # the plain answer; a 200 is as good as long as nothing comes back
            await store.complete(KEY, upload_id, etags)
        assert await store.exists(KEY) is False

    async def test_an_upload_that_is_gone_is_lost(self, store: Store):
        upload_id, etags = await uploaded(store, b"part")
        await store.abort(KEY, upload_id)
        await store.abort(KEY, upload_id)
        with pytest.raises(UploadLost):
            await store.complete(KEY, upload_id, etags)
        with pytest.raises(StoreUnavailable):
            await store.upload_part(KEY, upload_id, 2, b"more")

    async def test_an_upload_without_its_parts_is_not_completed(self, store: Store):
        upload_id = await store.start_upload(KEY)
        with pytest.raises(StoreUnavailable):
            await store.complete(KEY, upload_id, ('"00000000000000000000000000000000"',))
        assert await store.exists(KEY) is False

    async def test_keys_come_in_order_after_a_key_and_under_a_prefix(self, store: Store):
        for key in ("_log/events/2", "_log/events/1", "_log/events-tip", "_log/events/3"):
            await store.put_if_absent(key, b"{}")
        assert await store.keys_after("_log/events/", "") == ["_log/events/1", "_log/events/2", "_log/events/3"]
        assert await store.keys_after("_log/events/", "_log/events/1") == ["_log/events/2", "_log/events/3"]

    async def test_open_uploads_are_listed_with_their_age(self, store: Store):
        open_id, _ = await uploaded(store, b"part")
        done_id, etags = await uploaded(store, b"part", key=f"{KEY}.2")
        await store.complete(f"{KEY}.2", done_id, etags)
        (pending,) = await store.pending_uploads("events/")
        assert (pending.key, pending.upload_id) == (KEY, open_id)
        assert abs(pending.started_at - time.time() * 1000) < CLOCKS_DIFFER_MS
        assert await store.pending_uploads("rejected/") == []


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        store = MemoryStore()
        store.now_ms = round(time.time() * 1000)
        return store

    @pytest.fixture
    def delete(self, store: MemoryStore) -> Delete:
        return store.objects.__delitem__


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    with running(tmp_path_factory.mktemp("s3")) as settings:
        yield settings


class TestS3Store(StoreContract):
    @pytest.fixture
    def store(self, server: S3) -> Iterator[S3Store]:
        yield S3Store(server)
        self._empty(server)

    @pytest.fixture
    def delete(self, server: S3) -> Delete:
        return lambda key: client(server).delete_object(Bucket=BUCKET, Key=key) and None

    def _empty(self, server: S3) -> None:
        s3 = client(server)
        for each in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
            s3.delete_object(Bucket=BUCKET, Key=each["Key"])
        for upload in s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []):
            s3.abort_multipart_upload(Bucket=BUCKET, Key=upload["Key"], UploadId=upload["UploadId"])


async def test_a_store_that_is_away_gives_an_unknown_answer():
    away = S3Store(S3(endpoint="http://127.0.0.1:1", access_key="access", secret_key="secret-secret"))  # noqa: S106
    with pytest.raises(AnswerUnknown):
        await away.put_if_absent("_log/x", b"{}")
