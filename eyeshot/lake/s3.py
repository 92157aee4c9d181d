"""Objects in, S3 out: conditional writes and uploads that stay invisible until they are completed."""

import asyncio
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from eyeshot.lake.client import connect
from eyeshot.lake.ports import AnswerUnknown, NoSuchObject, PendingUpload, StoreUnavailable, UploadLost
from eyeshot.settings import S3
from eyeshot.tier import Tier, bucket_of

CONNECT_SECONDS = 5
ANSWER_SECONDS = 60.0
UNDECIDED = frozenset({408, 409, 429})  # a conflict or a throttle: the same request, sent again, is answered
GONE = frozenset({"404", "NoSuchKey", "NotFound"})


class S3Store:
    """The bucket of a tier. Each call leaves the event loop, is sent once, and may raise StoreUnavailable.

    boto3 repeats nothing: whether an answer is unknown must not be hidden, and `patience` repeats what may be repeated.
    """

    def __init__(self, settings: S3, tier: Tier = "hot", *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._bucket = bucket_of(tier, settings.bucket)
        self._may_lack = tier != "hot"  # a colder bucket that nobody made holds nothing; the lake's own must be there
        self._client = connect(settings, attempts=1, connect_seconds=CONNECT_SECONDS, read_seconds=answer_seconds)

    async def start_upload(self, key: str) -> str:
        """Begin a multipart upload; its id."""
        answer = await self._call("create_multipart_upload", Key=key)
        return str(answer["UploadId"])

    async def upload_part(self, key: str, upload_id: str, number: int, body: bytes) -> str:
        """Send a part, numbered from 1; its ETag."""
        answer = await self._call("upload_part", Key=key, UploadId=upload_id, PartNumber=number, Body=body)
        return str(answer["ETag"])

    async def complete(self, key: str, upload_id: str, etags: tuple[str, ...]) -> None:
        """Make the object exist; idempotent. Raises UploadLost when neither object nor upload is there."""
        parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, start=1)]
        try:
            await self._call(
                "complete_multipart_upload",
                Key=key,
                UploadId=upload_id,
                MultipartUpload={"Parts": parts},
            )
        except _Refused as refused:
            if refused.code != "NoSuchUpload":
                raise
            if not await self.exists(key):
                raise UploadLost(f"upload {upload_id} of {key} is gone, and there is no object") from None

    async def abort(self, key: str, upload_id: str) -> None:
        """Forget an upload; one that is gone is no error."""
        try:
            await self._call("abort_multipart_upload", Key=key, UploadId=upload_id)
        except _Refused as refused:
            if refused.code != "NoSuchUpload":
                raise

    async def exists(self, key: str) -> bool:
        """Whether there is such an object."""
        try:
            await self._call("head_object", Key=key)
        except _Refused as refused:
            if refused.code not in GONE:
                raise
            return False
        return True

    async def put_if_absent(self, key: str, body: bytes) -> bool:
        """Whether the object is mine now; False when another was there first, or an earlier attempt of mine."""
        try:
            await self._call(
                "put_object",
                Key=key,
                Body=body,
                IfNoneMatch="*",
                ContentType="application/json",
            )
        except _Refused as refused:
            if refused.code not in ("PreconditionFailed", "412"):
                raise
            return False
        return True

    async def get(self, key: str) -> bytes:
        """The object's bytes. Raises NoSuchObject."""
        try:
            return await asyncio.to_thread(self._get, key)
        except _Refused as refused:
            if refused.code not in GONE:
                raise
            raise NoSuchObject(key) from None

    async def put(self, key: str, body: bytes) -> None:
        """Write the object, whatever was there."""
        await self._call("put_object", Key=key, Body=body, ContentType="application/json")

    async def delete(self, key: str) -> None:
        """Delete the object; deleting one that is not there is no error."""
        await self._call("delete_object", Key=key)

    async def keys_after(self, prefix: str, after: str) -> list[str]:
        """At most 1,000 keys under the prefix that sort after `after`, in order."""
        answer = await self._list("list_objects_v2", Prefix=prefix, StartAfter=after)
        return [item["Key"] for item in answer.get("Contents", [])]

    async def pending_uploads(self, prefix: str) -> list[PendingUpload]:
        """The first 1,000 uploads under the prefix that the store lists; MinIO lists none by prefix."""
        answer = await self._list("list_multipart_uploads", Prefix=prefix)
        return [
            PendingUpload(item["Key"], item["UploadId"], round(item["Initiated"].timestamp() * 1000))
            for item in answer.get("Uploads", [])
        ]

    async def _list(self, operation: str, **arguments: Any) -> Any:
        try:
            return await self._call(operation, **arguments)
        except _Refused as refused:
            if refused.code != "NoSuchBucket" or not self._may_lack:
                raise
            return {}

    async def _call(self, operation: str, **arguments: Any) -> Any:
        return await asyncio.to_thread(self._request, operation, arguments)

    def _request(self, operation: str, arguments: dict[str, Any]) -> Any:
        try:
            return getattr(self._client, operation)(Bucket=self._bucket, **arguments)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if status >= 500 or status in UNDECIDED:
                raise AnswerUnknown(f"{operation}: {error}") from error
            raise _Refused(operation, code, str(error)) from error
        except BotoCoreError as error:
            raise AnswerUnknown(f"{operation}: {error}") from error

    def _get(self, key: str) -> bytes:
        answer = self._request("get_object", {"Key": key})
        try:
            return bytes(answer["Body"].read())
        except BotoCoreError as error:
            raise AnswerUnknown(f"get_object: {error}") from error


class _Refused(StoreUnavailable):
    """The store answered, and said no."""

    def __init__(self, operation: str, code: str, text: str) -> None:
        super().__init__(f"{operation}: {text}")
        self.code = code
