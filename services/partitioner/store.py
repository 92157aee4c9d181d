"""S3 in; the manifests of the commit log, in order, out."""

import asyncio

from botocore.exceptions import BotoCoreError, ClientError

from eyeshot.commit_log import Manifest, decode
from eyeshot.lake.client import connect
from eyeshot.settings import S3
from eyeshot.table import LOG_PREFIX
from services.partitioner.app import LogUnavailable

ATTEMPTS = 2
CONNECT_SECONDS = 3
READ_SECONDS = 20
MANIFESTS_AT_ONCE = 200


class S3ManifestLog:
    """Remembers how far it has read."""

    def __init__(self, settings: S3) -> None:
        self._bucket = settings.bucket
        self._last_key = ""
        self._client = connect(settings, attempts=ATTEMPTS, connect_seconds=CONNECT_SECONDS, read_seconds=READ_SECONDS)

    async def read_on(self) -> list[Manifest]:
        """The manifests that were not read yet, at most 200. Raises LogUnavailable."""
        try:
            return await asyncio.to_thread(self._read_on)
        except (ClientError, BotoCoreError) as error:
            raise LogUnavailable(f"cannot read the commit log: {error}") from error

    def _read_on(self) -> list[Manifest]:
        listing = self._client.list_objects_v2(
            Bucket=self._bucket,
            Prefix=LOG_PREFIX,
            StartAfter=self._last_key,
            MaxKeys=MANIFESTS_AT_ONCE,
        )
        keys = [item["Key"] for item in listing.get("Contents", [])]
        manifests = [decode(self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()) for key in keys]
        self._last_key = keys[-1] if keys else self._last_key
        return manifests
