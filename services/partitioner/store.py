"""S3 in; the manifests of the commit log, in order, and the keys of the data out; files of the data deleted."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from eyeshot.commit_log import Manifest, decode
from eyeshot.lake.client import connect
from eyeshot.settings import S3
from eyeshot.table import LOG_PREFIX, manifest_key, manifest_sequence
from eyeshot.tier import Address, Tier, bucket_of
from services.partitioner.ports import DataUnavailable, LogUnavailable

ATTEMPTS = 2
CONNECT_SECONDS = 3
READ_SECONDS = 20
MANIFESTS_AT_ONCE = 200
READS_AT_ONCE = 8


class S3ManifestLog:
    """The commit log as it lies in the bucket."""

    def __init__(self, settings: S3) -> None:
        self._bucket = settings.bucket
        self._client = connect(settings, attempts=ATTEMPTS, connect_seconds=CONNECT_SECONDS, read_seconds=READ_SECONDS)
        self._readers = ThreadPoolExecutor(READS_AT_ONCE, "manifests")

    async def after(self, sequence: int) -> list[Manifest]:
        """The manifests after this number, -1 for all, in order, at most 200. Raises LogUnavailable."""
        try:
            return await asyncio.to_thread(self._after, sequence)
        except (ClientError, BotoCoreError, msgspec.MsgspecError) as error:
            raise LogUnavailable(f"cannot read the commit log: {error}") from error

    def _after(self, sequence: int) -> list[Manifest]:
        listing = self._client.list_objects_v2(
            Bucket=self._bucket,
            Prefix=LOG_PREFIX,
            StartAfter=manifest_key(sequence) if sequence >= 0 else "",
            MaxKeys=MANIFESTS_AT_ONCE,
        )
        keys = [item["Key"] for item in listing.get("Contents", []) if manifest_sequence(item["Key"]) is not None]
        return list(self._readers.map(self._manifest, keys))

    def _manifest(self, key: str) -> Manifest:
        return decode(self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read())


class S3Data:
    """The objects of the lake's buckets; they are listed and deleted, never read."""

    def __init__(self, settings: S3) -> None:
        self._bucket = settings.bucket
        self._client = connect(settings, attempts=ATTEMPTS, connect_seconds=CONNECT_SECONDS, read_seconds=READ_SECONDS)

    async def keys_after(self, tier: Tier, prefix: str, after: str) -> list[str]:
        """At most 1,000 keys under the prefix that sort after `after`, in order. Raises DataUnavailable."""
        return await asyncio.to_thread(self._keys_after, tier, prefix, after)

    async def delete(self, address: Address) -> None:
        """Delete the object; deleting one that is not there is no error. Raises DataUnavailable."""
        await asyncio.to_thread(self._delete, address)

    def _keys_after(self, tier: Tier, prefix: str, after: str) -> list[str]:
        bucket = bucket_of(tier, self._bucket)
        try:
            answer = self._client.list_objects_v2(Bucket=bucket, Prefix=prefix, StartAfter=after)
        except self._client.exceptions.NoSuchBucket as error:
            if tier != "hot":
                return []  # nothing was ever moved there
            raise DataUnavailable(f"cannot list {prefix}: {error}") from error
        except (ClientError, BotoCoreError) as error:
            raise DataUnavailable(f"cannot list {prefix} of {bucket}: {error}") from error
        return [item["Key"] for item in answer.get("Contents", [])]

    def _delete(self, address: Address) -> None:
        try:
            self._client.delete_object(Bucket=bucket_of(address.tier, self._bucket), Key=address.key)
        except (ClientError, BotoCoreError) as error:
            raise DataUnavailable(f"cannot delete {address.key}: {error}") from error
