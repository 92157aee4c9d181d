"""What the proxy does to an answer is what it says it does, as a real client and a real store see it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import get_args
from urllib.parse import urlsplit

import msgspec
import pytest

from deploy.patience import until
from eyeshot.lake.ports import AnswerUnknown
from eyeshot.lake.s3 import S3Store
from eyeshot.settings import S3
from tests.chaos.compactor.schedule import Answer
from tests.chaos.proxy import Proxy
from tests.s3_server import client, running

PATIENCE_SECONDS = 0.5
DEADLINE_SECONDS = 30.0


class NotYet(Exception):
    """The object is not there yet."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    with running(tmp_path_factory.mktemp("s3")) as settings:
        yield settings


@asynccontextmanager
async def behind_a_proxy(server: S3, treatment: str | None) -> AsyncIterator[S3Store]:
    """A store whose every answer is treated so."""
    port = urlsplit(server.endpoint).port
    assert port
    proxy = Proxy(port, lambda line: treatment, PATIENCE_SECONDS)
    url = await proxy.start()
    try:
        yield S3Store(msgspec.structs.replace(server, endpoint=url), answer_seconds=PATIENCE_SECONDS)
    finally:
        await proxy.close()


def is_there(server: S3, key: str) -> bool:
    found = client(server).list_objects_v2(Bucket=server.bucket, Prefix=key)
    return bool(found["KeyCount"])


async def test_what_is_left_alone_passes_unchanged(server: S3):
    async with behind_a_proxy(server, None) as store:
        assert await store.put_if_absent("left-alone", b"x" * 100_000)
        assert not await store.put_if_absent("left-alone", b"y")
        assert await store.get("left-alone") == b"x" * 100_000
        assert await store.keys_after("left", "") == ["left-alone"]
        upload = await store.start_upload("upload")
        etag = await store.upload_part("upload", upload, 1, b"z" * 10)
        await store.complete("upload", upload, (etag,))
        assert await store.exists("upload")


async def test_a_delayed_answer_comes(server: S3):
    async with behind_a_proxy(server, "delayed") as store:
        assert await store.put_if_absent("delayed", b"{}")


@pytest.mark.parametrize("treatment", [each for each in get_args(Answer) if each != "delayed"])
async def test_every_other_answer_is_unknown_to_the_client(server: S3, treatment: str):
    async with behind_a_proxy(server, treatment) as store:
        with pytest.raises(AnswerUnknown):
            await store.put_if_absent(treatment, b"{}")
        if treatment == "late":
            assert not is_there(server, treatment)
            await wait_for(server, treatment)

    assert is_there(server, treatment) == (treatment.endswith("_after") or treatment == "late")


async def wait_for(server: S3, key: str) -> None:
    """Until the object is there, while the proxy goes on."""

    def there() -> None:
        if not is_there(server, key):
            raise NotYet(key)

    await asyncio.to_thread(until, key, there, DEADLINE_SECONDS, NotYet)
