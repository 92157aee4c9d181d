"""A world for the commit protocol: workers that crash and pause, a store that loses and delays, one rule never broken.

The workers run the real commit log, publisher and patience; time does not pass, every call to the store is a turn.
"""

import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Generator
from contextlib import suppress
from typing import Any, TypeVar

from eyeshot.lake.ports import AnswerUnknown, NoSuchObject, PendingUpload, StoreUnavailable, UploadLost
from tests.twins import MemoryStore

T = TypeVar("T")
PARTITIONS = 3
Row = tuple[int, int]


class Violation(AssertionError):
    """The protocol broke its promise."""


class Turn:
    """A point at which others may go on, or this worker may die."""

    def __await__(self) -> Generator[None, None, None]:
        yield


class World:
    """The lake, the topic, and everything that can go wrong."""

    def __init__(self, seed: int, expiry: bool) -> None:
        self.random = random.Random(seed)
        self.expiry = expiry
        self.lake = MemoryStore()
        self.topic = [0] * PARTITIONS  # records produced
        self.in_flight: list[Callable[[], Awaitable[Any]]] = []
        self.expired = 0
        self.faulty = True
        self._nonces = 0
        self._objects_checked = 0

    def nonce(self) -> str:
        """Never the same twice."""
        self._nonces += 1
        return f"{self._nonces:06d}"

    async def pause(self, seconds: float) -> None:
        """Wait: others go on."""
        await Turn()

    def produce(self) -> None:
        """Another record somewhere."""
        self.topic[self.random.randrange(PARTITIONS)] += 1

    def something_happens(self) -> None:
        """Between two turns: a record comes, a late request arrives, an upload expires."""
        if self.random.random() < 0.3:
            self.produce()
        if self.in_flight and self.random.random() < 0.1:
            self.arrive()
        if self.expiry and self.lake.uploads and self.random.random() < 0.01:
            del self.lake.uploads[self.random.choice(sorted(self.lake.uploads))]
            self.expired += 1

    def arrive(self) -> None:
        """A request that its sender gave up takes effect now."""
        request = self.in_flight.pop(self.random.randrange(len(self.in_flight)))
        with suppress(StopIteration, StoreUnavailable, UploadLost, NoSuchObject):  # nobody waits for the answer
            request().__await__().send(None)
        self.check()

    def visible(self) -> Counter[Row]:
        """Every row that a query would see."""
        found: Counter[Row] = Counter()
        for key, body in self.lake.objects.items():
            if key.startswith("events/"):
                found.update((partition, offset) for partition, offset in json.loads(body))
        return found

    def check(self) -> None:
        """No row is visible twice, at any moment."""
        objects = len(self.lake.objects)
        if objects != self._objects_checked:
            self._objects_checked = objects
            if twice := [row for row, times in self.visible().items() if times > 1]:
                raise Violation(f"visible twice: {twice}")

    def check_end(self) -> None:
        """Every record that was produced is there, once."""
        self.check()
        expected = {(partition, offset) for partition in range(PARTITIONS) for offset in range(self.topic[partition])}
        if missing := expected - set(self.visible()):
            raise Violation(f"missing: {sorted(missing)}")


class FaultyStore:
    """One worker's line to the lake. Requests and answers are lost, or come when nobody waits for them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lake = world.lake

    async def start_upload(self, key: str) -> str:
        return await self._send(lambda: self._lake.start_upload(key))

    async def upload_part(self, key: str, upload_id: str, number: int, body: bytes) -> str:
        return await self._send(lambda: self._lake.upload_part(key, upload_id, number, body))

    async def complete(self, key: str, upload_id: str, etags: tuple[str, ...]) -> None:
        await self._send(lambda: self._lake.complete(key, upload_id, etags))

    async def abort(self, key: str, upload_id: str) -> None:
        await self._send(lambda: self._lake.abort(key, upload_id))

    async def exists(self, key: str) -> bool:
        return await self._send(lambda: self._lake.exists(key))

    async def put_if_absent(self, key: str, body: bytes) -> bool:
        return await self._send(lambda: self._lake.put_if_absent(key, body))

    async def put(self, key: str, body: bytes) -> None:
        await self._send(lambda: self._lake.put(key, body))

    async def get(self, key: str) -> bytes:
        return await self._send(lambda: self._lake.get(key))

    async def delete(self, key: str) -> None:
        await self._send(lambda: self._lake.delete(key))

    async def keys_after(self, prefix: str, after: str) -> list[str]:
        return await self._send(lambda: self._lake.keys_after(prefix, after))

    async def pending_uploads(self, prefix: str) -> list[PendingUpload]:
        return await self._send(lambda: self._lake.pending_uploads(prefix))

    async def _send(self, request: Callable[[], Awaitable[T]]) -> T:
        await Turn()
        chance = self._world.random.random() if self._world.faulty else 1.0
        if chance < 0.03:
            raise AnswerUnknown("the request was lost")
        if chance < 0.06:
            self._world.in_flight.append(request)
            raise AnswerUnknown("the request is late")
        answer = await request()
        self._world.check()
        await Turn()
        if chance < 0.12:
            raise AnswerUnknown("the answer was lost")
        return answer
