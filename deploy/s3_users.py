"""Access keys in; users of the S3 server that may do just what the table of rights says out."""

import json
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape

import boto3
import urllib3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from minio.credentials.providers import StaticProvider
from minio.error import MinioAdminException
from minio.minioadmin import MinioAdmin

from deploy.rights import RIGHTS, bucket_policy, user_policy
from eyeshot.tier import TIERS, bucket_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

REGION = "us-east-1"
_QUICK = Config(
    connect_timeout=2,
    read_timeout=10,
    retries={"total_max_attempts": 1},
    s3={"addressing_style": "path"},
    proxies={},
)


class Refused(Exception):
    """The S3 server's admin API did not do what it was asked; the text holds its answer."""


def client(endpoint: str, keys: tuple[str, str]) -> "S3Client":
    """An S3 client that fails fast, for (access key, secret key)."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
        config=_QUICK,
    )


def ensure_buckets(endpoint: str, root: tuple[str, str], bucket: str) -> list[str]:
    """Creates the lake's bucket and those of its colder tiers unless root has them; their names."""
    s3 = client(endpoint, root)
    there = [each["Name"] for each in s3.list_buckets()["Buckets"]]
    buckets = [bucket_of(tier, bucket) for tier in TIERS]
    for name in buckets:
        if name not in there:
            s3.create_bucket(Bucket=name)
    return buckets


def ensure_versitygw(endpoint: str, root: tuple[str, str], users: dict[str, tuple[str, str]], bucket: str) -> None:
    """Users through versitygw's admin API; rights by policies of the buckets, whose principals are access keys."""
    for access, secret in users.values():
        fields = f"<Access>{escape(access)}</Access><Secret>{escape(secret)}</Secret><Role>user</Role>"
        status, answer = _admin(endpoint, root, "create-user", f"<Account>{fields}</Account>")
        if status == 409:
            props = f"<MutableProps><Secret>{escape(secret)}</Secret></MutableProps>"
            status, answer = _admin(endpoint, root, f"update-user?access={quote(access)}", props)
        if status >= 300:
            raise Refused(f"versitygw refused the user {access}: {status} {answer}")
    access_keys = {name: keys[0] for name, keys in users.items()}
    for tier in TIERS:
        policy = json.dumps(bucket_policy(access_keys, bucket, tier))
        client(endpoint, root).put_bucket_policy(Bucket=bucket_of(tier, bucket), Policy=policy)


def _admin(endpoint: str, root: tuple[str, str], path: str, body: str) -> tuple[int, str]:
    """One signed PATCH to versitygw's admin API: (status, answer)."""
    url = f"{endpoint}/{path}"
    request = AWSRequest(
        method="PATCH",
        url=url,
        data=body.encode(),
        headers={"Content-Type": "application/xml"},
    )
    S3SigV4Auth(Credentials(*root), "s3", REGION).add_auth(request)
    answer = urllib3.request(
        "PATCH",
        url,
        body=body.encode(),
        headers=dict(request.headers.items()),
        timeout=10,
        retries=False,
    )
    return answer.status, answer.data.decode(errors="replace")


def ensure_minio(endpoint: str, root: tuple[str, str], users: dict[str, tuple[str, str]], bucket: str) -> None:
    """Users and one policy each through MinIO's admin API."""
    address = urlsplit(endpoint)
    admin = MinioAdmin(
        endpoint=address.netloc,
        credentials=StaticProvider(*root),
        region=REGION,
        secure=address.scheme == "https",
    )
    for right in RIGHTS:
        access, secret = users[right.user]
        policy = f"eyeshot-{right.user}"
        admin.policy_add(policy, policy=user_policy(right.user, bucket))
        admin.user_add(access, secret)
        try:
            admin.attach_policy([policy], user=access)
        except MinioAdminException as refused:
            if "PolicyChangeAlreadyApplied" not in str(refused):
                raise
