"""Small in-memory twins of the services' ports. They sit the same exams as the real adapters, in tests/contract."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from hashlib import md5 as hashlib_md5
from itertools import count

from eyeshot.lake.ports import NoSuchObject, PendingUpload, StoreUnavailable, UploadLost
from eyeshot.tier import COLDER, Tier
from services.collector.ports import RecordRefused, Unavailable, Waiting
from services.compactor.ports import Beginning
from services.compactor.rows import KafkaRecord

md5 = partial(hashlib_md5, usedforsecurity=False)


class MemoryPublisher:
    """Keeps records; refuses while `trouble` is set, and does not acknowledge while `silent`."""

    def __init__(self) -> None:
        self.records: list[tuple[bytes, bytes]] = []
        self.trouble: str | None = None
        self.refused: set[bytes] = set()
        self.unanswered: set[bytes] = set()
        self.silent = False

    async def start(self) -> None:
        """Nothing to connect to."""

    async def stop(self) -> None:
        """Nothing to let go of."""

    def publish(self, key: bytes, value: bytes) -> "asyncio.Future[None]":
        """Keep the record."""
        if self.trouble:
            raise Unavailable(self.trouble)
        acknowledged: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.silent or value in self.unanswered:
            acknowledged.set_exception(Unavailable("no answer in time"))
        elif value in self.refused:
            acknowledged.set_exception(RecordRefused("too large"))
        else:
            self.records.append((key, value))
            acknowledged.set_result(None)
        return acknowledged

    def ready(self) -> str | None:
        """The trouble, if any."""
        return self.trouble


class MemorySpool:
    """Records in a list; takes none while `full` is set."""

    def __init__(self) -> None:
        self.records: list[Waiting] = []
        self.aside: list[tuple[Waiting, str]] = []
        self.full: str | None = None
        self._numbers = count(1)

    async def start(self) -> None:
        """Nothing to open."""

    async def stop(self) -> None:
        """Nothing to let go of."""

    def holds(self, key: bytes) -> bool:
        """Whether the key is in it."""
        return any(record.key == key for record in self.records)

    async def append(self, key: bytes, value: bytes) -> None:
        """Keep the record."""
        if self.full:
            raise Unavailable(self.full)
        self.records.append(Waiting(next(self._numbers), key, value))

    async def oldest(self, records: int) -> Sequence[Waiting]:
        """The first ones."""
        return self.records[:records]

    async def remove(self, records: Sequence[Waiting]) -> None:
        """Forget them."""
        self.records = [record for record in self.records if record not in records]

    async def set_aside(self, record: Waiting, reason: str) -> None:
        """Keep it elsewhere."""
        self.records.remove(record)
        self.aside.append((record, reason))

    def waiting(self) -> int:
        """How many there are."""
        return len(self.records)

    def ready(self) -> str | None:
        """Why it is full, if it is."""
        return self.full


class MemoryStore:
    """Objects and pending uploads in dictionaries; ETags as S3 makes them. It belongs to a lake with other tiers."""

    def __init__(self, tiers: "dict[Tier, MemoryStore] | None" = None) -> None:
        self.tiers: dict[Tier, MemoryStore] = {"hot": self} if tiers is None else tiers
        if tiers is None:
            self.tiers |= {tier: MemoryStore(self.tiers) for tier in COLDER}
        self.objects: dict[str, bytes] = {}
        self.etags: dict[str, str] = {}
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.now_ms = 0
        self._started: dict[str, PendingUpload] = {}
        self._ids = count(1)

    async def start_upload(self, key: str) -> str:
        """A new upload's id."""
        upload_id = f"{key}#{next(self._ids)}"
        self.uploads[upload_id] = {}
        self._started[upload_id] = PendingUpload(key, upload_id, self.now_ms)
        return upload_id

    async def upload_part(self, key: str, upload_id: str, number: int, body: bytes) -> str:
        """Keep the part; its ETag."""
        if upload_id not in self.uploads:
            raise StoreUnavailable(f"NoSuchUpload: {upload_id}")
        self.uploads[upload_id][number] = body
        return f'"{md5(body).hexdigest()}"'

    async def complete(self, key: str, upload_id: str, etags: tuple[str, ...]) -> None:
        """Make the object exist."""
        parts = self.uploads.get(upload_id)
        if parts is not None:
            if set(parts) != set(range(1, len(etags) + 1)):
                raise StoreUnavailable(f"InvalidPart: {key}")
            del self.uploads[upload_id]
            bodies = [parts[number] for number in range(1, len(etags) + 1)]
            self.objects[key] = b"".join(bodies)
            self.etags[key] = f'"{md5(b"".join(md5(body).digest() for body in bodies)).hexdigest()}-{len(bodies)}"'
        elif key not in self.objects:
            raise UploadLost(key)

    async def abort(self, key: str, upload_id: str) -> None:
        """Forget the upload."""
        self.uploads.pop(upload_id, None)

    async def exists(self, key: str) -> bool:
        """Whether the object is there."""
        return key in self.objects

    async def put_if_absent(self, key: str, body: bytes) -> bool:
        """Whether the object is mine."""
        if key in self.objects:
            return False
        await self.put(key, body)
        return True

    async def put(self, key: str, body: bytes) -> None:
        """Write the object."""
        self.objects[key] = body
        self.etags[key] = f'"{md5(body).hexdigest()}"'

    async def delete(self, key: str) -> None:
        """Forget the object."""
        self.objects.pop(key, None)
        self.etags.pop(key, None)

    async def get(self, key: str) -> bytes:
        """The object."""
        if key not in self.objects:
            raise NoSuchObject(key)
        return self.objects[key]

    async def keys_after(self, prefix: str, after: str) -> list[str]:
        """The keys in order."""
        return sorted(key for key in self.objects if key.startswith(prefix) and key > after)[:1000]

    async def pending_uploads(self, prefix: str) -> list[PendingUpload]:
        """Every upload that is open."""
        return [each for id_, each in self._started.items() if id_ in self.uploads and each.key.startswith(prefix)]


class MemorySource:
    """Partitions as lists. Alone it owns all of them; in a `MemoryGroup` the group says which."""

    def __init__(self, partitions: int = 2, topic_id: str = "topic-1") -> None:
        self.partitions: dict[int, list[KafkaRecord]] = {number: [] for number in range(partitions)}
        self.beginnings: dict[int, int] = {}
        self.hinted: dict[int, int] = {}
        self.owned: frozenset[int] | None = None
        self.joined = asyncio.Event()
        self._topic_id = topic_id
        self._next: dict[int, int] = {}
        self._on_assigned: Callable[[frozenset[int]], Awaitable[None]] | None = None
        self._on_revoked: Callable[[], Awaitable[None]] | None = None

    def produce(self, value: bytes, *, partition: int, timestamp: int) -> None:
        """Append a record."""
        log = self.partitions[partition]
        log.append(KafkaRecord(partition, len(log), timestamp, value))

    async def rebalance(self, owned: frozenset[int] | None = None) -> None:
        """Take every partition away, and give all or these."""
        await self.revoke()
        await self.assign(frozenset(self.partitions) if owned is None else owned)

    async def revoke(self) -> None:
        """Take every partition away."""
        assert self._on_revoked
        with suppress(Exception):  # the Kafka client logs what its listener raises, and goes on
            await self._on_revoked()

    async def assign(self, owned: frozenset[int]) -> None:
        """Give these partitions."""
        assert self._on_assigned
        self.owned = owned
        with suppress(Exception):
            await self._on_assigned(owned)

    async def start(
        self, on_assigned: Callable[[frozenset[int]], Awaitable[None]], on_revoked: Callable[[], Awaitable[None]]
    ) -> None:
        """Assign everything, unless a group has its say."""
        self._on_assigned, self._on_revoked = on_assigned, on_revoked
        self.joined.set()
        await self.assign(frozenset(self.partitions) if self.owned is None else self.owned)

    async def stop(self) -> None:
        """Leave."""

    async def topic_id(self) -> str:
        """The topic's id."""
        return self._topic_id

    async def poll(self, seconds: float) -> list[KafkaRecord]:
        """Everything that is new."""
        new = [record for number, first in self._next.items() for record in self.partitions[number][first:]]
        self._next = {number: len(self.partitions[number]) for number in self._next}
        if not new:
            await asyncio.sleep(0)
        return new

    async def seek(self, offsets: Mapping[int, int]) -> dict[int, int]:
        """Go on at these offsets."""
        self._next = {
            number: max(offsets.get(number, 0), self.beginnings.get(number, 0)) for number in sorted(self.owned or ())
        }
        return dict(self._next)

    async def reread(self, partition: int, first: int, following: int) -> AsyncIterator[list[KafkaRecord]]:
        """The records that retention left."""
        start = max(first, self.beginnings.get(partition, 0))
        for record in self.partitions[partition][start:following]:
            yield [record]

    async def since(self, partition: int, epoch_ms: int, following: int) -> Beginning:
        """Look through the list."""
        oldest = self.beginnings.get(partition, 0)
        young = (each.offset for each in self.partitions[partition][oldest:following] if each.timestamp >= epoch_ms)
        return Beginning(next(young, following), oldest)

    async def hint(self, offsets: Mapping[int, int]) -> None:
        """Remember the hint."""
        self.hinted = dict(offsets)

    def lag(self, offsets: Mapping[int, int]) -> dict[int, int]:
        """What lies beyond."""
        return {number: len(self.partitions[number]) - offset for number, offset in offsets.items()}


class MemoryGroup:
    """Members that share the partitions of one topic."""

    def __init__(self, partitions: int = 4) -> None:
        self._topic = MemorySource(partitions)
        self._members: list[MemorySource] = []

    def member(self) -> MemorySource:
        """A source of the same topic that owns nothing yet."""
        member = MemorySource()
        member.partitions, member.owned = self._topic.partitions, frozenset()
        return member

    async def share_among(self, *members: MemorySource) -> None:
        """Rebalance: members give back what they own first; one that is not named any more is dead, and not told."""
        for member in self._members:
            if member in members:
                await member.revoke()
        self._members = list(members)
        for number, member in enumerate(members):
            await member.joined.wait()
            await member.assign(frozenset(list(self._topic.partitions)[number :: len(members)]))
