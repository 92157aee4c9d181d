"""Lakes that a real compactor filled, in memory and on a real S3 server, and what a vandal can do to them."""

import asyncio
from collections.abc import Iterator
from typing import Any, Protocol

from eyeshot.commit_log import Manifest, decode
from eyeshot.lake.ports import Store
from eyeshot.lake.s3 import S3Store
from eyeshot.settings import S3
from eyeshot.table import LOG_PREFIX
from eyeshot.tier import TIERS, Tier, bucket_of
from services.audit.app import Audit, Lake
from services.audit.core import LakeObject
from services.audit.files import ParquetFiles
from services.audit.report import Report
from services.audit.settings import Audit as Settings
from services.audit.store import S3Lake
from tests.builders import NOW_MS
from tests.s3_server import BUCKET, client
from tests.twins import MemoryStore
from tests.unit.test_compactor_app import Rig

A_DAY_MS = 24 * 3_600_000


class Vandal(Protocol):
    """A lake, and free access to it."""

    @property
    def store(self) -> Store: ...
    @property
    def lake(self) -> Lake: ...
    def put(self, key: str, body: bytes) -> None: ...
    def delete(self, key: str) -> None: ...


class MemoryLake:
    """The twin of the audit's lake over the compactor's twin of its store."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def listing(self, prefix: str, tier: Tier = "hot") -> Iterator[LakeObject]:
        """Every object under the prefix."""
        store = self._store.tiers[tier]
        for key, body in sorted(store.objects.items()):
            if key.startswith(prefix):
                yield LakeObject(key, len(body), store.etags[key].strip('"'), tier)

    def get(self, key: str) -> bytes | None:
        """The object."""
        return self._store.objects.get(key)

    def read(self, there: LakeObject, start: int, length: int) -> bytes:
        """A piece of it."""
        return self._store.tiers[there.tier].objects[there.key][start : start + length]


class InMemory:
    """A vandal in memory."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.lake = MemoryLake(self.store)

    def put(self, key: str, body: bytes) -> None:
        asyncio.run(self.store.put(key, body))

    def delete(self, key: str) -> None:
        del self.store.objects[key]


class OnS3:
    """A vandal with the root's keys."""

    def __init__(self, settings: S3) -> None:
        self.store = S3Store(settings)
        self.stores = {tier: S3Store(settings, tier) for tier in TIERS}
        self.lake = S3Lake(settings)
        self._client = client(settings)

    def make_bucket(self, tier: Tier) -> None:
        self._client.create_bucket(Bucket=bucket_of(tier, BUCKET))

    def put(self, key: str, body: bytes) -> None:
        self._client.put_object(Bucket=BUCKET, Key=key, Body=body)

    def delete(self, key: str) -> None:
        self._client.delete_object(Bucket=BUCKET, Key=key)

    def empty(self) -> None:
        for each in self._client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
            self.delete(each["Key"])


async def fill(store: Any) -> None:
    """Three commits: two partitions, two days, and something for `rejected`."""
    source = None
    for number in range(3):
        async with Rig(store, source) as rig:
            source = rig.source
            rig.produce(events=3)
            rig.produce(partition=1, timestamp=NOW_MS + number * A_DAY_MS)
            source.produce(b"garbage", partition=1, timestamp=NOW_MS + number * A_DAY_MS)
            await rig.until(
                lambda rig=rig: rig.compactor._source.lag(rig.compactor._consumed.next_offsets()) == {0: 0, 1: 0}
            )


def audited(vandal: Vandal, *, deep: bool = False, patience: float = 0, pause: Any = None) -> Report:
    """Run the audit."""
    clock = iter(range(1_000_000))
    audit = Audit(
        lake=vandal.lake,
        parquet=ParquetFiles(vandal.lake.read),
        settings=Settings(patience_seconds=patience),
        monotonic=lambda: float(next(clock)),
        pause=pause or (lambda seconds: None),
    )
    return audit.run(read_rows=deep)


def data_keys(vandal: Vandal) -> list[str]:
    """The events' files, in order."""
    return [there.key for there in vandal.lake.listing("events/")]


def manifests(vandal: Vandal) -> list[Manifest]:
    """The log."""
    return [decode(vandal.lake.get(there.key) or b"") for there in vandal.lake.listing(LOG_PREFIX)]
