"""The bucket as nobody's service sees it: straight to the store, with the key that may do everything."""

import io
import re
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
from botocore.exceptions import ClientError

from eyeshot.commit_log import DataFile, Manifest, decode
from eyeshot.table import LOG_PREFIX, TABLE_NAMES
from tests.chaos.ledger import Place, Row

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

COORDINATES = ["kafka_partition", "kafka_offset", "batch_index"]
NAMED = {"events": "label", "rejected": "value"}
NAME = re.compile(rb"chaos-\d+-\d{6}")


class Lake:
    """One bucket."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def files(self) -> dict[str, str]:
        """Every data file and its ETag: what a query sees."""
        return {there["Key"]: there["ETag"] for table in TABLE_NAMES for there in self._listed(f"{table}/")}

    def rows(self, key: str) -> list[Row]:
        """A file's rows."""
        table = key.split("/", 1)[0]
        columns = pq.read_table(io.BytesIO(self._get(key)), columns=[*COORDINATES, NAMED[table]])
        return [
            Row(Place(partition, offset), index or 0, _name(named))
            for partition, offset, index, named in zip(*(column.to_pylist() for column in columns.columns), strict=True)
        ]

    def manifests(self) -> list[Manifest]:
        """The log, oldest first."""
        return [decode(self._get(there["Key"])) for there in self._listed(LOG_PREFIX)]

    def next_offsets(self) -> dict[int, int]:
        """Where the log leaves off."""
        newest = [there["Key"] for there in self._listed(LOG_PREFIX)][-1:]
        return dict(decode(self._get(newest[0])).next_offsets) if newest else {}

    def unpublished(self) -> list[DataFile]:
        """Files that are committed and do not exist yet."""
        manifests = self.manifests()
        gone_or_there = {key for manifest in manifests for key in manifest.removed} | self.files().keys()
        return [file for each in manifests for file in each.files if file.key not in gone_or_there]

    def lose_uploads(self) -> list[str]:
        """Forget uploads that are committed and not published, as an expiry would; the keys of their files."""
        return [file.key for file in self.unpublished() if self._abort(file.key, file.upload_id)]

    def repaired(self) -> set[str]:
        """Files that a compactor found lost and built again."""
        return {key for manifest in self.manifests() if manifest.kind == "repair" for key in manifest.removed}

    def _abort(self, key: str, upload_id: str) -> bool:
        try:
            self._client.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload_id)
        except ClientError:
            return False
        return True

    def _listed(self, prefix: str) -> list[Any]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        return [there for page in pages for there in page.get("Contents", [])]

    def _get(self, key: str) -> bytes:
        return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()


def _name(named: str | bytes | None) -> str:
    text = named.encode() if isinstance(named, str) else named or b""
    found = NAME.search(text)
    return found[0].decode() if found else text[:40].decode(errors="replace")
