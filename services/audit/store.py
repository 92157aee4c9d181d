"""S3 in; listings, objects and pieces of objects out. It reads and never writes."""

from collections.abc import Iterator

from botocore.exceptions import BotoCoreError, ClientError

from eyeshot.lake.client import connect
from eyeshot.settings import S3
from services.audit.app import LakeUnavailable
from services.audit.core import LakeObject

ATTEMPTS = 5
CONNECT_SECONDS = 5
READ_SECONDS = 60
CONNECTIONS = 64


class S3Lake:
    """The lake's bucket. Every method may raise LakeUnavailable."""

    def __init__(self, settings: S3) -> None:
        self._bucket = settings.bucket
        self._client = connect(
            settings,
            attempts=ATTEMPTS,
            connect_seconds=CONNECT_SECONDS,
            read_seconds=READ_SECONDS,
            connections=CONNECTIONS,
        )

    def listing(self, prefix: str) -> Iterator[LakeObject]:
        """Every object under the prefix, in the order of its key."""
        try:
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
                for item in page.get("Contents", []):
                    yield LakeObject(item["Key"], item["Size"], item["ETag"].strip('"'))
        except (BotoCoreError, ClientError) as error:
            raise LakeUnavailable(f"cannot list {prefix}: {error}") from error

    def get(self, key: str) -> bytes | None:
        """An object's bytes, None when it is not there."""
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except self._client.exceptions.NoSuchKey:
            return None
        except (BotoCoreError, ClientError) as error:
            raise LakeUnavailable(f"cannot read {key}: {error}") from error

    def read(self, key: str, start: int, length: int) -> bytes:
        """A piece of an object."""
        piece = f"bytes={start}-{start + length - 1}"
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key, Range=piece)["Body"].read()
        except (BotoCoreError, ClientError) as error:
            raise LakeUnavailable(f"cannot read {key}: {error}") from error
