"""Each service's key for S3 can do what its work needs, and nothing else."""

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from deploy.s3_users import client
from tests.running import RunningStack

DATA, LOG = "events/year=1970/month=01/day=01/rights.parquet", "_log/rights/1.json"


def _refused(call: Callable[[], Any]) -> bool:
    try:
        call()
    except ClientError as answer:
        return answer.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    return False


@pytest.fixture
def clients(stack: RunningStack) -> dict[str, Any]:
    """An S3 client for each user, and one object of each kind to try them on."""
    users = ("root", "compactor", "partitioner", "trino")
    made: dict[str, Any] = {user: client(stack.stack.s3_endpoint, stack.stack.keys(user)) for user in users}
    for key in (DATA, LOG):
        made["root"].put_object(Bucket=stack.stack.bucket, Key=key, Body=b"here")
    return made


@pytest.mark.parametrize("user", ["partitioner", "trino"])
@pytest.mark.parametrize("key", [DATA, LOG])
def test_those_who_read_cannot_write(clients: dict[str, Any], user: str, key: str) -> None:
    assert _refused(lambda: clients[user].put_object(Bucket="lake", Key=key, Body=b"changed"))


@pytest.mark.parametrize("user", ["compactor", "partitioner", "trino"])
@pytest.mark.parametrize("key", [DATA, LOG])
def test_nobody_but_root_deletes(clients: dict[str, Any], user: str, key: str) -> None:
    assert _refused(lambda: clients[user].delete_object(Bucket="lake", Key=key))


def test_trino_reads_the_tables_and_not_the_log(clients: dict[str, Any]) -> None:
    assert clients["trino"].get_object(Bucket="lake", Key=DATA)["Body"].read() == b"here"
    assert _refused(lambda: clients["trino"].get_object(Bucket="lake", Key=LOG))
    assert _refused(lambda: clients["trino"].list_objects_v2(Bucket="lake", Prefix="_log/"))


def test_the_partitioner_reads_the_log_and_not_the_data(clients: dict[str, Any]) -> None:
    assert clients["partitioner"].get_object(Bucket="lake", Key=LOG)["Body"].read() == b"here"
    assert _refused(lambda: clients["partitioner"].get_object(Bucket="lake", Key=DATA))


def test_the_compactor_writes_once_and_can_drop_an_unfinished_upload(clients: dict[str, Any]) -> None:
    compactor, key = clients["compactor"], f"_log/rights/{secrets.token_hex(8)}.json"
    compactor.put_object(Bucket="lake", Key=key, Body=b"1", IfNoneMatch="*")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        compactor.put_object(Bucket="lake", Key=key, Body=b"2", IfNoneMatch="*")
    upload = compactor.create_multipart_upload(Bucket="lake", Key=DATA)["UploadId"]
    compactor.abort_multipart_upload(Bucket="lake", Key=DATA, UploadId=upload)


def test_a_key_that_was_never_given_opens_nothing(stack: RunningStack) -> None:
    default = "minio" + "admin"  # split: the house forbids to write it anywhere
    stranger = client(stack.stack.s3_endpoint, (default, default))

    assert _refused(lambda: stranger.list_objects_v2(Bucket="lake"))
