"""What the compactor needs of Kafka: a source of records."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import NamedTuple, Protocol

from services.compactor.rows import KafkaRecord


class Beginning(NamedTuple):
    """Where a Kafka partition is read from to see a time: the first offset of that time, and the oldest there is."""

    offset: int
    oldest: int


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

    async def since(self, partition: int, epoch_ms: int, following: int) -> Beginning:
        """Where the records begin that are as young as that; `following` when there is none before it."""

    async def hint(self, offsets: Mapping[int, int]) -> None:
        """Tell lag tools what is committed; it is never read back."""

    def lag(self, offsets: Mapping[int, int]) -> dict[int, int]:
        """Records that Kafka has beyond these offsets, as far as it is known."""
