"""What the partitioner needs of the world: the commit log, the metastore, and the listing of the data."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from eyeshot.commit_log import Manifest
from eyeshot.tier import Address, Tier
from services.partitioner.core import Registered
from services.partitioner.places import Place


class LogUnavailable(Exception):
    """The store of the commit log did not answer, or the log has a hole."""


class DataUnavailable(Exception):
    """The store did not list or delete data."""


class MetastoreUnavailable(Exception):
    """The metastore did not answer, or refused."""


class MetastoreRefused(MetastoreUnavailable):
    """It answered, and said no: to this very call it will say so again."""


class ManifestLog(Protocol):
    """The commit log."""

    async def after(self, sequence: int) -> list[Manifest]:
        """The manifests after this number, -1 for all, in order, at most some hundred. Raises LogUnavailable."""


class Metastore(Protocol):
    """The Hive metastore. Every method may raise MetastoreUnavailable."""

    async def create_tables(self) -> None:
        """Create the database and the tables where they are missing."""

    async def names(self, table: str) -> list[str]:
        """The name of every partition of a table: year=…/month=…/day=…."""

    async def read(self, table: str, names: Sequence[str]) -> dict[str, Registered]:
        """The partitions with these names, by name; those that are not there are left out."""

    async def register(self, table: str, places: Mapping[date, Place], located_at: int) -> None:
        """Add day partitions where they are missing; `located_at` in epoch ms."""

    async def swap(self, table: str, name: str, there: Registered, place: Place, located_at: int) -> bool:
        """Point a partition elsewhere, in one call, unless it is not `there` any more; whether it was."""

    async def drop(self, table: str, name: str, there: Registered) -> bool:
        """Take a partition away and leave its data, unless it is not `there` any more; whether it was."""


class Data(Protocol):
    """The objects of the data prefixes, in every tier. Every method may raise DataUnavailable."""

    async def keys_after(self, tier: Tier, prefix: str, after: str) -> list[str]:
        """At most 1,000 keys under the prefix that sort after `after`, in order."""

    async def delete(self, address: Address) -> None:
        """Delete the object; deleting one that is not there is no error."""
