"""What the keeper needs of the world beyond the lake: how far the topic reaches, and the clock."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from eyeshot.commit_log import DataFile
from eyeshot.table import Slot
from services.keeper.core import Tally


class TopicUnavailable(Exception):
    """Kafka did not tell how far the topic reaches."""


class Topic(Protocol):
    """The Kafka topic, as far as the keeper looks at it."""

    async def ends(self) -> dict[int, int]:
        """The end offset of every partition. Raises TopicUnavailable."""


class Rewritten(NamedTuple):
    """New files that exist where no query looks, and the rows that were read for them."""

    files: tuple[DataFile, ...]
    read: Tally


class Rewriter(Protocol):
    """Makes new files of old ones. Both may raise StoreUnavailable."""

    async def merge(self, slot: Slot, files: Sequence[DataFile], nonce: str) -> Rewritten:
        """The rows of these files as few large ones."""

    async def tally(self, files: Sequence[DataFile]) -> Tally:
        """What is in the files, read back from the store."""

    async def discard(self, files: Sequence[DataFile]) -> None:
        """Delete files that nobody will ever name."""
