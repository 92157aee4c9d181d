"""A partitioner over a log, a metastore and a bucket in memory, and days that are written, rewritten and erased."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from eyeshot.commit_log import DataFile, Manifest, Replaced
from eyeshot.table import Slot, rewritten_prefix
from eyeshot.tier import TIERS, Address, Tier, bucket_of
from services.partitioner.app import Partitioner
from services.partitioner.core import Registered, partition_name
from services.partitioner.places import Place, own_location
from services.partitioner.ports import DataUnavailable, LogUnavailable, MetastoreRefused, MetastoreUnavailable
from services.partitioner.settings import Partitioner as Settings
from tests.unit.test_live import data_file, manifest

BUCKET = "lake"
TODAY = date(2025, 11, 25)
DAY = date(2025, 11, 18)
SLOT = Slot("events", DAY)
NAME = partition_name(DAY)
OWN = own_location(SLOT, BUCKET)
NOW_MS = 1_764_072_000_000  # noon of today
GRACE_SECONDS = 100


class MemoryLog:
    """Manifests, numbered as they come."""

    def __init__(self) -> None:
        self.manifests: list[Manifest] = []
        self.away = False

    def commit(self, *files: DataFile, **changes: Any) -> int:
        """One more manifest; its number."""
        self.manifests.append(manifest(len(self.manifests), *files, **({"created_at": NOW_MS} | changes)))
        return self.manifests[-1].sequence

    async def after(self, sequence: int) -> list[Manifest]:
        """What follows."""
        if self.away:
            raise LogUnavailable("no store")
        return self.manifests[sequence + 1 :][:2]


class MemoryMetastore:
    """Partitions by table and name; `meanwhile` happens once, just before the next change."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, Registered]] = {}
        self.away = False
        self.changes: list[str] = []
        self.refused: set[str] = set()  # locations of partitions that it changes for nobody
        self.meanwhile: Callable[[], None] | None = None

    async def create_tables(self) -> None:
        """Both of them."""
        self._answer()
        for table in ("events", "rejected"):
            self.tables.setdefault(table, {})

    async def names(self, table: str) -> list[str]:
        """In order."""
        self._answer()
        return sorted(self.tables.get(table, {}))

    async def read(self, table: str, names: Sequence[str]) -> dict[str, Registered]:
        """Those that are there."""
        self._answer()
        there = self._table(table)
        return {name: there[name] for name in names if name in there}

    async def register(self, table: str, places: Mapping[date, Place], located_at: int) -> None:
        """Add what is missing."""
        self._change("register")
        for day, place in places.items():
            self._table(table).setdefault(partition_name(day), _registered(place, located_at))

    async def swap(self, table: str, name: str, there: Registered, place: Place, located_at: int) -> bool:
        """Unless it has changed."""
        self._change("swap")
        if there.location in self.refused:
            raise MetastoreRefused("no")
        if self._table(table).get(name) != there:
            return False
        self._table(table)[name] = _registered(place, located_at)
        return True

    async def drop(self, table: str, name: str, there: Registered) -> bool:
        """Unless it has changed."""
        self._change("drop")
        if self._table(table).get(name) != there:
            return False
        del self._table(table)[name]
        return True

    def _change(self, what: str) -> None:
        happens, self.meanwhile = self.meanwhile, None
        if happens:
            happens()
        self._answer()
        self.changes.append(what)

    def _table(self, name: str) -> dict[str, Registered]:
        if name not in self.tables:
            raise MetastoreRefused(f"no table {name}")
        return self.tables[name]

    def _answer(self) -> None:
        if self.away:
            raise MetastoreUnavailable("it is away")


class MemoryData:
    """Keys by tier; nothing is deleted while `refused`."""

    def __init__(self) -> None:
        self.tiers: dict[Tier, set[str]] = {tier: set() for tier in TIERS}
        self.listed: list[str] = []
        self.refused = False

    @property
    def keys(self) -> set[str]:
        """Those of the hot tier."""
        return self.tiers["hot"]

    async def keys_after(self, tier: Tier, prefix: str, after: str) -> list[str]:
        """Two at a time."""
        self.listed.append(prefix)
        return sorted(key for key in self.tiers[tier] if key.startswith(prefix) and key > after)[:2]

    async def delete(self, address: Address) -> None:
        """Forget it."""
        if self.refused:
            raise DataUnavailable("denied")
        self.tiers[address.tier].discard(address.key)


class Rig:
    """A partitioner and its world; the world outlives it."""

    def __init__(self, log: MemoryLog | None = None, metastore: MemoryMetastore | None = None) -> None:
        self.log = log or MemoryLog()
        self.metastore = metastore or MemoryMetastore()
        self.data = MemoryData()
        self.now_ms = NOW_MS
        self.seconds = 0.0
        self.today = TODAY
        self.begin()

    def begin(self, **changes: Any) -> None:
        """A new process."""
        self.partitioner = Partitioner(
            log=self.log,
            metastore=self.metastore,
            data=self.data,
            bucket=BUCKET,
            settings=Settings(grace_seconds=GRACE_SECONDS, tidy_seconds=10, **changes),
            today=lambda: self.today,
            epoch_ms=lambda: self.now_ms,
            monotonic=lambda: self.seconds,
        )

    async def step(self, seconds: float = 0) -> None:
        """So much later, until there is nothing more to do at once."""
        self.seconds += seconds
        self.now_ms += round(seconds * 1000)
        for _ in range(100):
            if not await self.partitioner._step():
                return
        raise AssertionError("it never comes to an end")

    def append(self, name: str = "a", **changes: Any) -> str:
        """A file in the day's own folder; its key."""
        file = data_file(name, day=DAY, **changes)
        self.log.commit(file)
        self.data.keys.add(file.key)
        return file.key

    def rewrite(self, nonce: str = "merge", tier: Tier = "hot") -> int:
        """A manifest that replaces the day by one file; its number."""
        file = data_file(nonce, key=f"{rewritten_prefix(*SLOT, nonce)}00000.parquet", day=DAY, tier=tier)
        self.data.tiers[tier].add(file.key)
        return self.log.commit(
            file, kind="merge" if tier == "hot" else "tier", replaced=(self.replaced(),), created_at=self.now_ms
        )

    def erase(self) -> int:
        """A manifest that replaces the day by nothing."""
        return self.log.commit(kind="erase", replaced=(self.replaced(),), created_at=self.now_ms)

    def replaced(self) -> Replaced:
        """Everything of the day so far."""
        return Replaced(table="events", day=DAY, through=len(self.log.manifests) - 1)

    @property
    def there(self) -> Registered | None:
        """The day's partition."""
        return self.metastore.tables["events"].get(NAME)


def rewritten(nonce: str = "merge", tier: Tier = "hot") -> str:
    """The whole location of a rewriting of the day."""
    return f"s3://{bucket_of(tier, BUCKET)}/{rewritten_prefix(*SLOT, nonce)}".rstrip("/")


def _registered(place: Place, located_at: int) -> Registered:
    assert place.location is not None
    return Registered(place.location, place.manifest, None if place.manifest is None else located_at)
