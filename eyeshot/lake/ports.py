"""What the lake's services need of the world: a store of objects, and how far the Kafka topic reaches."""

from typing import NamedTuple, Protocol


class StoreUnavailable(Exception):
    """The store did not answer, or refused. Nothing is assumed of the request's effect."""


class AnswerUnknown(StoreUnavailable):
    """No answer, or one that does not say what happened (time-out, 5xx, 409): the request may have taken effect."""


class NoSuchObject(Exception):
    """There is no object under this key; the message is the key."""


class UploadLost(Exception):
    """A committed upload is gone and its object is not there: its rows must be read from Kafka again."""


class TopicUnavailable(Exception):
    """Kafka did not tell how far the topic reaches."""


class Topic(Protocol):
    """The Kafka topic, as far as those who read no record look at it."""

    async def ends(self) -> dict[int, int]:
        """The end offset of every partition. Raises TopicUnavailable."""


class PendingUpload(NamedTuple):
    """A multipart upload that was neither completed nor aborted. `started_at` is the store's clock, epoch ms."""

    key: str
    upload_id: str
    started_at: int


class Store(Protocol):
    """The lake's bucket. Every method may raise StoreUnavailable."""

    async def start_upload(self, key: str) -> str:
        """Begin a multipart upload; its id."""

    async def upload_part(self, key: str, upload_id: str, number: int, body: bytes) -> str:
        """Send a part, numbered from 1; its ETag."""

    async def complete(self, key: str, upload_id: str, etags: tuple[str, ...]) -> None:
        """Make the object exist; idempotent. Raises UploadLost when neither object nor upload is there."""

    async def abort(self, key: str, upload_id: str) -> None:
        """Forget an upload."""

    async def exists(self, key: str) -> bool:
        """Whether there is such an object."""

    async def put_if_absent(self, key: str, body: bytes) -> bool:
        """Whether the object is mine now."""

    async def get(self, key: str) -> bytes:
        """The object's bytes. Raises NoSuchObject."""

    async def put(self, key: str, body: bytes) -> None:
        """Write the object, whatever was there."""

    async def delete(self, key: str) -> None:
        """Delete the object; deleting one that is not there is no error."""

    async def pending_uploads(self, prefix: str) -> list[PendingUpload]:
        """Uploads under the prefix, as far as the store lists them: some list none."""

    async def keys_after(self, prefix: str, after: str) -> list[str]:
        """At most 1,000 keys under the prefix that sort after `after`, in order."""
