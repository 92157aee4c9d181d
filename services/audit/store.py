"""S3 in; listings, objects and pieces of objects out. It reads and never writes."""

from collections.abc import Iterator

from botocore.exceptions import BotoCoreError, ClientError

from eyeshot.lake.client import connect
from eyeshot.settings import S3
from eyeshot.tier import Tier, bucket_of
from services.audit.app import LakeUnavailable
from services.audit.core import LakeObject

ATTEMPTS = 5
CONNECT_SECONDS = 5
READ_SECONDS = 60
CONNECTIONS = 64


class S3Lake:
    """The lake's buckets. Every method may raise LakeUnavailable."""

    def __init__(self, settings: S3) -> None:
        self._bucket = settings.bucket
        self._client = connect(
            settings,
            attempts=ATTEMPTS,
            connect_seconds=CONNECT_SECONDS,
            read_seconds=READ_SECONDS,
            connections=CONNECTIONS,
        )

    def listing(self, prefix: str, tier: Tier = "hot") -> Iterator[LakeObject]:
        """Every object of the tier under the prefix, in the order of its key; none in a colder one without a bucket."""
        bucket = bucket_of(tier, self._bucket)
        try:
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                for item in page.get("Contents", []):
                    yield LakeObject(item["Key"], item["Size"], item["ETag"].strip('"'), tier)
        except (BotoCoreError, ClientError) as error:
            if tier != "hot" and isinstance(error, self._client.exceptions.NoSuchBucket):
                return
            raise LakeUnavailable(f"cannot list {prefix} of {bucket}: {error}") from error

    def get(self, key: str) -> bytes | None:
        """An object's bytes, None when it is not there."""
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except self._client.exceptions.NoSuchKey:
            return None
        except (BotoCoreError, ClientError) as error:
            raise LakeUnavailable(f"cannot read {key}: {error}") from error

    def read(self, there: LakeObject, start: int, length: int) -> bytes:
        """A piece of an object."""
        piece, bucket = f"bytes={start}-{start + length - 1}", bucket_of(there.tier, self._bucket)
        try:
            return self._client.get_object(Bucket=bucket, Key=there.key, Range=piece)["Body"].read()
        except (BotoCoreError, ClientError) as error:
            raise LakeUnavailable(f"cannot read {there.key} of {bucket}: {error}") from error
