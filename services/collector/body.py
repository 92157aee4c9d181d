"""Pieces of a body in; the batch they hold out, read no further than the limits on one body and on all of them."""

from services.collector import core, refusals
from services.collector.settings import Collector


class Memory:
    """Bytes of all requests that are under way."""

    def __init__(self, settings: Collector) -> None:
        self._bytes_max = settings.in_flight_bytes_max
        self._retry_after_seconds = settings.retry_after_seconds
        self._bytes = 0

    def hold(self, size: int) -> None:
        """Account for bytes; `size` may be negative. Raises Overloaded when they would be too many."""
        if size > 0 and self._bytes + size > self._bytes_max:
            raise refusals.Overloaded("Too many bytes under way", retry_after=self._retry_after_seconds)
        self._bytes += size


class Body:
    """The body of one request. Whoever makes one releases it."""

    __slots__ = ("_held", "_limits", "_memory", "_pieces", "_size")

    def __init__(self, limits: Collector, memory: Memory) -> None:
        self._limits = limits
        self._memory = memory
        self._pieces: list[bytes] = []
        self._size = 0
        self._held = 0

    def expect(self, announced: bytes) -> None:
        """Look at a Content-Length. Raises BodyTooLarge before a byte of such a body is read."""
        if announced.isdigit() and len(announced) < 20 and int(announced) > self._limits.body_bytes_max:
            raise self._too_large()

    def add(self, piece: bytes) -> None:
        """Take the next piece. Raises BodyTooLarge or Overloaded."""
        self._size += len(piece)
        if self._size > self._limits.body_bytes_max:
            raise self._too_large()
        self._hold(len(piece))
        self._pieces.append(piece)

    def batch(self, encoding: str) -> bytes:
        """All of it, its gzip undone. Raises BodyTooLarge, InvalidBody or Overloaded."""
        body = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        batch = core.inflate(body, encoding, self._limits.inflated_bytes_max)
        if batch is not body:
            self._hold(len(batch))
        return batch

    def release(self) -> None:
        """Its bytes are no longer in memory."""
        self._pieces = []
        self._memory.hold(-self._held)
        self._held = 0

    def _hold(self, size: int) -> None:
        self._memory.hold(size)
        self._held += size

    def _too_large(self) -> refusals.BodyTooLarge:
        return refusals.BodyTooLarge(f"Body has more than {self._limits.body_bytes_max} bytes")
