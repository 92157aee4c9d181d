"""A store that may not answer in; one that is asked the same thing again until it answers out.

Repeating is exact: a part or a completion sent twice is the same, and a put-if-absent sent twice is told "mine" or "not
mine", where the nonce says whose. Nothing is aborted in between, for an answer that is unknown is no failure.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from eyeshot import metrics
from eyeshot.lake.ports import AnswerUnknown, PendingUpload, Store
from eyeshot.logs import happened

T = TypeVar("T")
ATTEMPTS_WHEN_STOPPING = 8
FIRST_RETRY_SECONDS = 0.1

Pause = Callable[[float], Awaitable[None]]


class PatientStore:
    """Asks the store until it answers. A refusal is an answer: it is raised at once."""

    def __init__(
        self,
        store: Store,
        *,
        retry_seconds_max: float,
        stopping: Callable[[], bool] = lambda: False,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._store = store
        self._retry_seconds_max = retry_seconds_max
        self._stopping = stopping
        self._pause = pause
        self.trouble: str | None = None

    async def start_upload(self, key: str) -> str:
        """As the store; an unknown answer may leave an upload that nobody names, which the sweep aborts."""
        return await self._until_answered(lambda: self._store.start_upload(key))

    async def upload_part(self, key: str, upload_id: str, number: int, body: bytes) -> str:
        """As the store."""
        return await self._until_answered(lambda: self._store.upload_part(key, upload_id, number, body))

    async def complete(self, key: str, upload_id: str, etags: tuple[str, ...]) -> None:
        """As the store."""
        await self._until_answered(lambda: self._store.complete(key, upload_id, etags))

    async def abort(self, key: str, upload_id: str) -> None:
        """As the store."""
        await self._until_answered(lambda: self._store.abort(key, upload_id))

    async def exists(self, key: str) -> bool:
        """As the store."""
        return await self._until_answered(lambda: self._store.exists(key))

    async def put_if_absent(self, key: str, body: bytes) -> bool:
        """As the store; False may also mean that an earlier attempt of this very call took effect."""
        return await self._until_answered(lambda: self._store.put_if_absent(key, body))

    async def put(self, key: str, body: bytes) -> None:
        """As the store, once: what is put so is a hint, and not worth waiting for."""
        await self._store.put(key, body)

    async def get(self, key: str) -> bytes:
        """As the store."""
        return await self._until_answered(lambda: self._store.get(key))

    async def delete(self, key: str) -> None:
        """As the store."""
        await self._until_answered(lambda: self._store.delete(key))

    async def keys_after(self, prefix: str, after: str) -> list[str]:
        """As the store."""
        return await self._until_answered(lambda: self._store.keys_after(prefix, after))

    async def pending_uploads(self, prefix: str) -> list[PendingUpload]:
        """As the store, once: the sweep comes again."""
        return await self._store.pending_uploads(prefix)

    async def _until_answered(self, ask: Callable[[], Awaitable[T]]) -> T:
        attempt = 0
        while True:
            try:
                answer = await ask()
            except AnswerUnknown as unknown:
                attempt += 1
                if self._stopping() and attempt >= ATTEMPTS_WHEN_STOPPING:
                    raise
                self._note(attempt, unknown)
                await self._pause(retry_seconds(attempt, self._retry_seconds_max))
            else:
                self.trouble = None
                return answer

    def _note(self, attempt: int, unknown: AnswerUnknown) -> None:
        metrics.STORE_ANSWERS_UNKNOWN.inc()
        self.trouble = f"cannot commit, the store does not answer: {unknown}"
        if attempt == 1:
            happened("waiting_for_store", level=logging.WARNING, reason=str(unknown))


def retry_seconds(attempt: int, most: float) -> float:
    """Pause after the attempt with that number, from 1: doubled each time, up to a bound."""
    return min(FIRST_RETRY_SECONDS * 2.0 ** min(attempt - 1, 30), most)
