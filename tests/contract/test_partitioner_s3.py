"""What the partitioner reads, lists and deletes on a real S3 server."""

from collections.abc import Iterator

import pytest

from eyeshot.settings import S3
from eyeshot.table import manifest_key
from eyeshot.tier import Address
from services.partitioner.ports import DataUnavailable, LogUnavailable
from services.partitioner.store import S3Data, S3ManifestLog
from tests.audit.lakes import OnS3, data_keys, fill
from tests.s3_server import running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    with running(tmp_path_factory.mktemp("s3")) as settings:
        yield settings


@pytest.fixture
async def lake(server: S3) -> OnS3:
    made = OnS3(server)
    made.empty()
    await fill(made.store)
    return made


async def test_the_log_is_read_in_order_from_any_number(lake: OnS3, server: S3):
    log = S3ManifestLog(server)
    assert [each.sequence for each in await log.after(-1)] == [0, 1, 2]
    assert [each.sequence for each in await log.after(1)] == [2]
    assert await log.after(2) == []


async def test_what_is_no_manifest_is_passed_over_and_one_that_cannot_be_read_is_told_of(lake: OnS3, server: S3):
    lake.put("_log/events/zzz", b"somebody's")
    assert len(await S3ManifestLog(server).after(-1)) == 3
    lake.put(manifest_key(3), b"no manifest")
    with pytest.raises(LogUnavailable):
        await S3ManifestLog(server).after(-1)


async def test_data_is_listed_on_from_any_key_and_deleted_once_or_twice(lake: OnS3, server: S3):
    data, keys = S3Data(server), data_keys(lake)
    assert await data.keys_after("hot", "events/", "") == keys
    assert await data.keys_after("hot", "events/", keys[0]) == keys[1:]
    for _ in range(2):
        await data.delete(Address("hot", keys[0]))
    assert await data.keys_after("hot", "events/", "") == keys[1:]


async def test_each_tier_is_listed_and_deleted_in_its_own_bucket(lake: OnS3, server: S3):
    data, keys = S3Data(server), data_keys(lake)
    assert await data.keys_after("warm", "events/", "") == []  # nobody made the bucket
    lake.make_bucket("cold")
    await lake.stores["cold"].put(keys[0], b"here")
    assert await data.keys_after("cold", "events/", "") == keys[:1]
    await data.delete(Address("cold", keys[0]))
    assert await data.keys_after("cold", "events/", "") == []
    assert await data.keys_after("hot", "events/", "") == keys


async def test_a_store_that_is_away_is_told_of():
    nobody = S3(endpoint="http://127.0.0.1:1", access_key="access", secret_key="secret-secret")  # noqa: S106
    with pytest.raises(LogUnavailable, match="cannot read the commit log"):
        await S3ManifestLog(nobody).after(-1)
    with pytest.raises(DataUnavailable, match="cannot list events/"):
        await S3Data(nobody).keys_after("hot", "events/", "")
    with pytest.raises(DataUnavailable, match="cannot delete x"):
        await S3Data(nobody).delete(Address("hot", "x"))
