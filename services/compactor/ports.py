"""What the compactor needs of the world: a source of records and a store of objects."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import NamedTuple, Protocol

from services.compactor.rows import KafkaRecord


class StoreUnavailable(Exception):
    """The store did not answer, or refused. Nothing is assumed of the request's effect."""


class AnswerUnknown(StoreUnavailable):
    """No answer, or one that does not say what happened (time-out, 5xx, 409): the request may have taken effect."""


class NoSuchObject(Exception):
    """There is no object under this key; the message is the key."""


class UploadLost(Exception):
    """A committed upload is gone and its object is not there: its rows must be read from Kafka again."""


class PendingUpload(NamedTuple):
    """A multipart upload that was neither completed nor aborted. `started_at` is the store's clock, epoch ms."""

    key: str
    upload_id: str
    started_at: int


class Source(Protocol):
    """The Kafka topic, shared with other compactors through the consumer group."""

    async def start(
        self,
        on_assigned: Callable[[frozenset[int]], Awaitable[None]],
        on_revoked: Callable[[], Awaitable[None]],
    ) -> None:
        """Join the group. The callbacks are awaited before a rebalance goes on."""

    async def stop(self) -> None:
        """Leave the group."""

    async def topic_id(self) -> str:
        """The topic's id: another one means a recreated topic."""

    async def poll(self, seconds: float) -> list[KafkaRecord]:
        """Records as they come, or none after so many seconds."""

    async def seek(self, offsets: Mapping[int, int]) -> dict[int, int]:
        """Go on at these offsets; a partition not named starts at its beginning. Where each really starts."""

    def reread(self, partition: int, first: int, following: int) -> AsyncIterator[list[KafkaRecord]]:
        """Records `first` … `following` - 1 as far as Kafka still has them; the group knows nothing of it."""

    async def hint(self, offsets: Mapping[int, int]) -> None:
        """Tell lag tools what is committed; it is never read back."""

    def lag(self, offsets: Mapping[int, int]) -> dict[int, int]:
        """Records that Kafka has beyond these offsets, as far as it is known."""


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

    async def pending_uploads(self, prefix: str) -> list[PendingUpload]:
        """Uploads under the prefix, as far as the store lists them: some list none."""

    async def keys_after(self, prefix: str, after: str) -> list[str]:
        """At most 1,000 keys under the prefix that sort after `after`, in order."""
