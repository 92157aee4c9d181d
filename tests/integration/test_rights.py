"""Each service's key for S3 can do what its work needs, and nothing else."""

import secrets
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from deploy.s3_users import client
from tests.running import RunningStack

DAY = "events/year=1970/month=01/day=01/"
DATA, LOG, REWRITTEN = f"{DAY}rights.parquet", "_log/rights/1.json", f"rewritten/{DAY}rights/00000.parquet"


def _refused(call: Callable[[], Any]) -> bool:
    try:
        call()
    except ClientError as answer:
        return answer.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    return False


COLDER_BUCKETS = pytest.mark.parametrize("bucket", ["lake-warm", "lake-cold"])


@pytest.fixture
def clients(stack: RunningStack) -> dict[str, Any]:
    """An S3 client for each user, and one object of each kind to try them on."""
    users = ("root", "compactor", "keeper", "partitioner", "rollup", "trino", "auditor")
    made: dict[str, Any] = {user: client(stack.stack.s3_endpoint, stack.stack.keys(user)) for user in users}
    for key in (DATA, LOG, REWRITTEN):
        for bucket in ("lake", "lake-warm", "lake-cold"):
            made["root"].put_object(Bucket=bucket, Key=key, Body=b"here")
    return made


@pytest.mark.parametrize("user", ["partitioner", "rollup", "trino", "auditor"])
@pytest.mark.parametrize("key", [DATA, LOG, REWRITTEN])
def test_those_who_read_cannot_write(clients: dict[str, Any], user: str, key: str) -> None:
    assert _refused(lambda: clients[user].put_object(Bucket="lake", Key=key, Body=b"changed"))


@pytest.mark.parametrize("user", ["compactor", "keeper", "partitioner", "rollup", "trino", "auditor"])
def test_nobody_but_root_deletes_what_is_in_the_log(clients: dict[str, Any], user: str) -> None:
    assert _refused(lambda: clients[user].delete_object(Bucket="lake", Key=LOG))


@pytest.mark.parametrize("user", ["compactor", "keeper", "rollup", "trino", "auditor"])
def test_nobody_but_the_partitioner_deletes_what_a_compactor_wrote(clients: dict[str, Any], user: str) -> None:
    assert _refused(lambda: clients[user].delete_object(Bucket="lake", Key=DATA))


@pytest.mark.parametrize("user", ["compactor", "rollup", "trino", "auditor"])
def test_nobody_but_the_partitioner_deletes_the_keepers_rewritings(clients: dict[str, Any], user: str) -> None:
    assert _refused(lambda: clients[user].delete_object(Bucket="lake", Key=REWRITTEN))


@pytest.mark.parametrize("key", [DATA, LOG, REWRITTEN])
def test_the_keeper_reads_everything(clients: dict[str, Any], key: str) -> None:
    assert clients["keeper"].get_object(Bucket="lake", Key=key)["Body"].read() == b"here"


def test_the_keeper_writes_and_deletes_its_rewritings_writes_the_log_and_touches_no_table(
    clients: dict[str, Any],
) -> None:
    keeper, own = clients["keeper"], f"rewritten/{DAY}{secrets.token_hex(8)}/00000.parquet"
    upload = keeper.create_multipart_upload(Bucket="lake", Key=own)["UploadId"]
    etag = keeper.upload_part(Bucket="lake", Key=own, UploadId=upload, PartNumber=1, Body=b"new")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    keeper.complete_multipart_upload(Bucket="lake", Key=own, UploadId=upload, MultipartUpload=parts)
    keeper.delete_object(Bucket="lake", Key=own)
    assert own not in {each["Key"] for each in keeper.list_objects_v2(Bucket="lake", Prefix=own).get("Contents", [])}
    keeper.put_object(Bucket="lake", Key=f"_log/rights/{secrets.token_hex(8)}.json", Body=b"1", IfNoneMatch="*")
    assert _refused(lambda: keeper.put_object(Bucket="lake", Key=DATA, Body=b"changed"))
    assert _refused(lambda: keeper.create_multipart_upload(Bucket="lake", Key=DATA))


def test_trino_reads_the_tables_and_not_the_log(clients: dict[str, Any]) -> None:
    assert clients["trino"].get_object(Bucket="lake", Key=REWRITTEN)["Body"].read() == b"here"
    assert clients["trino"].get_object(Bucket="lake", Key=DATA)["Body"].read() == b"here"
    assert _refused(lambda: clients["trino"].get_object(Bucket="lake", Key=LOG))
    assert _refused(lambda: clients["trino"].list_objects_v2(Bucket="lake", Prefix="_log/"))


def test_the_partitioner_reads_the_log_and_not_the_data_which_it_may_delete(clients: dict[str, Any]) -> None:
    partitioner = clients["partitioner"]
    assert partitioner.get_object(Bucket="lake", Key=LOG)["Body"].read() == b"here"
    assert _refused(lambda: partitioner.get_object(Bucket="lake", Key=DATA))
    for key in (DATA, REWRITTEN):
        partitioner.delete_object(Bucket="lake", Key=key)
        assert key not in {
            each["Key"] for each in partitioner.list_objects_v2(Bucket="lake", Prefix=key).get("Contents", [])
        }


def test_the_rollup_reads_the_log_and_not_the_data(clients: dict[str, Any]) -> None:
    assert clients["rollup"].get_object(Bucket="lake", Key=LOG)["Body"].read() == b"here"
    assert _refused(lambda: clients["rollup"].get_object(Bucket="lake", Key=DATA))


def test_the_rollup_lists_nothing_but_the_log(clients: dict[str, Any]) -> None:
    assert clients["rollup"].list_objects_v2(Bucket="lake", Prefix="_log/")["KeyCount"]
    assert _refused(lambda: clients["rollup"].list_objects_v2(Bucket="lake", Prefix="events/"))


def test_the_compactor_writes_once_and_can_drop_an_unfinished_upload(clients: dict[str, Any]) -> None:
    compactor, key = clients["compactor"], f"_log/rights/{secrets.token_hex(8)}.json"
    compactor.put_object(Bucket="lake", Key=key, Body=b"1", IfNoneMatch="*")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        compactor.put_object(Bucket="lake", Key=key, Body=b"2", IfNoneMatch="*")
    upload = compactor.create_multipart_upload(Bucket="lake", Key=DATA)["UploadId"]
    compactor.abort_multipart_upload(Bucket="lake", Key=DATA, UploadId=upload)


@COLDER_BUCKETS
@pytest.mark.parametrize("key", [DATA, LOG, REWRITTEN])
def test_the_compactor_has_nothing_to_do_in_a_colder_bucket(clients: dict[str, Any], bucket: str, key: str) -> None:
    compactor = clients["compactor"]
    assert _refused(lambda: compactor.list_objects_v2(Bucket=bucket, Prefix=""))
    assert _refused(lambda: compactor.get_object(Bucket=bucket, Key=key))
    assert _refused(lambda: compactor.put_object(Bucket=bucket, Key=key, Body=b"changed"))
    assert _refused(lambda: compactor.delete_object(Bucket=bucket, Key=key))


@COLDER_BUCKETS
def test_in_a_colder_bucket_the_keeper_alone_writes_and_rewritings_alone(clients: dict[str, Any], bucket: str) -> None:
    keeper, own = clients["keeper"], f"rewritten/{DAY}{secrets.token_hex(8)}/00000.parquet"
    upload = keeper.create_multipart_upload(Bucket=bucket, Key=own)["UploadId"]
    etag = keeper.upload_part(Bucket=bucket, Key=own, UploadId=upload, PartNumber=1, Body=b"new")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    keeper.complete_multipart_upload(Bucket=bucket, Key=own, UploadId=upload, MultipartUpload=parts)
    assert keeper.get_object(Bucket=bucket, Key=own)["Body"].read() == b"new"
    keeper.delete_object(Bucket=bucket, Key=own)
    for key in (DATA, LOG):
        assert _refused(partial(keeper.put_object, Bucket=bucket, Key=key, Body=b"changed"))
    for user in ("partitioner", "trino", "auditor"):
        assert _refused(partial(clients[user].put_object, Bucket=bucket, Key=REWRITTEN, Body=b"changed"))


@COLDER_BUCKETS
def test_trino_and_the_auditor_read_a_colder_buckets_rewritings(clients: dict[str, Any], bucket: str) -> None:
    for user in ("trino", "auditor"):
        assert clients[user].get_object(Bucket=bucket, Key=REWRITTEN)["Body"].read() == b"here"
        assert clients[user].list_objects_v2(Bucket=bucket, Prefix=REWRITTEN)["KeyCount"] == 1
        for key in (DATA, LOG):
            assert _refused(partial(clients[user].get_object, Bucket=bucket, Key=key))
        assert _refused(partial(clients[user].delete_object, Bucket=bucket, Key=REWRITTEN))


@COLDER_BUCKETS
def test_the_partitioner_deletes_rewritings_of_a_colder_bucket_unread(clients: dict[str, Any], bucket: str) -> None:
    partitioner = clients["partitioner"]
    assert _refused(lambda: partitioner.get_object(Bucket=bucket, Key=REWRITTEN))
    assert _refused(lambda: partitioner.delete_object(Bucket=bucket, Key=DATA))
    partitioner.delete_object(Bucket=bucket, Key=REWRITTEN)
    assert partitioner.list_objects_v2(Bucket=bucket, Prefix=REWRITTEN)["KeyCount"] == 0


def test_a_key_that_was_never_given_opens_nothing(stack: RunningStack) -> None:
    default = "minio" + "admin"  # split: the house forbids to write it anywhere
    stranger = client(stack.stack.s3_endpoint, (default, default))

    assert _refused(lambda: stranger.list_objects_v2(Bucket="lake"))
