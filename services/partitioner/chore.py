"""Work that takes long in; a small piece of it at a time out, so that a new day never waits for it."""

from collections.abc import AsyncGenerator, Callable


class Chore:
    """Begun again so many seconds after it was begun last."""

    def __init__(
        self, pieces: Callable[[], AsyncGenerator[None, None]], every_seconds: float, monotonic: Callable[[], float]
    ) -> None:
        self._pieces = pieces
        self._every_seconds = every_seconds
        self._monotonic = monotonic
        self._begun_at: float | None = None
        self._under_way: AsyncGenerator[None, None] | None = None

    def begin_anew(self) -> None:
        """Forget how far it has come; the next piece is the first."""
        self._under_way = self._begun_at = None

    async def advance(self) -> bool:
        """Do the next piece, if it is time; whether there is more to do. What fails is begun anew in its time."""
        if self._under_way is None:
            now = self._monotonic()
            if self._begun_at is not None and now - self._begun_at < self._every_seconds:
                return False
            self._begun_at, self._under_way = now, self._pieces()
        pieces, self._under_way = self._under_way, None
        try:
            await anext(pieces)
        except StopAsyncIteration:
            return False
        self._under_way = pieces
        return True
