"""What the collector's app needs of the world outside, as small protocols, and how it can fail."""

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

Clock = Callable[[], int]
"""Epoch ms."""

Monotonic = Callable[[], float]
"""Seconds that only go forward."""

Chance = Callable[[], float]
"""A random number, 0…1."""


class Unavailable(Exception):
    """The record is not known to be durable."""


class RecordRefused(Exception):
    """The record can never be published as it is."""


class Publisher(Protocol):
    """Where records become durable for good."""

    async def start(self) -> None:
        """Begin to connect; returns at once."""

    async def stop(self) -> None:
        """Send what is under way and let go, within a bounded time."""

    def publish(self, key: bytes, value: bytes) -> asyncio.Future[None]:
        """Take a record; records of one key stay in order. The future may be shared: shield it.

        It is done once the record is durable, and fails with Unavailable when that is not known in time, or with
        RecordRefused. Raises either at once when that is already known.
        """

    def ready(self) -> str | None:
        """Why records cannot be made durable now, or None."""


class Waiting(NamedTuple):
    """A record in the spool, by its number there."""

    number: int
    key: bytes
    value: bytes


class Spool(Protocol):
    """Where records are durable while Kafka is away, in the order in which they came."""

    async def start(self) -> None:
        """Open it, with what earlier runs left."""

    async def stop(self) -> None:
        """Write what is under way and let go."""

    def holds(self, key: bytes) -> bool:
        """Whether a record of that key may be in it: never a wrong no, now and then a wrong yes."""

    async def append(self, key: bytes, value: bytes) -> None:
        """Return once the record is on disk. Raises Unavailable when there is no room or the disk fails."""

    async def oldest(self, records: int) -> Sequence[Waiting]:
        """The oldest records, in order; damaged ones among them are set aside first."""

    async def remove(self, records: Sequence[Waiting]) -> None:
        """Forget records that are durable elsewhere."""

    async def set_aside(self, record: Waiting, reason: str) -> None:
        """Keep a record that cannot be published out of the way, where an operator finds it."""

    def waiting(self) -> int:
        """Records in it."""

    def ready(self) -> str | None:
        """Why it takes no records now, or None."""
