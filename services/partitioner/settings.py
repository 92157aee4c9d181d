"""What can be turned in the partitioner."""

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from eyeshot.settings import S3, Host, Log, Partition, Port, setting
from services.partitioner.business_days import view_name

ZONES_MAX = 24


class Metastore(msgspec.Struct, frozen=True, kw_only=True):
    """The Hive metastore."""

    host: Annotated[Host, setting("The metastore's host")]
    port: Annotated[Port, setting("The metastore's port")] = 9083
    database: Annotated[
        Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,127}$")],
        setting("The database of the tables"),
    ] = "eyeshot"
    timeout_seconds: Annotated[
        Annotated[float, Meta(ge=1, le=600)],
        setting("How long the metastore may take to answer", unit="seconds"),
    ] = 60.0


class Partitioner(msgspec.Struct, frozen=True, kw_only=True):
    """The partitioner's own settings."""

    host: Annotated[Host, setting("The address of its health and metrics pages")] = "127.0.0.1"
    port: Annotated[Port, setting("The port of its health and metrics pages")] = 8404
    poll_seconds: Annotated[
        Annotated[float, Meta(ge=0.1, le=60)],
        setting("Pause between two looks at the commit log", unit="seconds"),
    ] = 1.0
    batch_partitions_max: Annotated[
        Annotated[int, Meta(ge=1, le=1_000)],
        setting("Days sent to the metastore in one call", unit="partitions"),
    ] = 500
    reconcile_seconds: Annotated[
        Annotated[float, Meta(ge=1, le=86_400)],
        setting(
            "How often every partition is compared with the log, so that whatever went wrong heals", unit="seconds"
        ),
    ] = 300.0
    tidy_seconds: Annotated[
        Annotated[float, Meta(ge=1, le=86_400)],
        setting(
            "How often the data is listed for files that were replaced, if there are any to delete", unit="seconds"
        ),
    ] = 600.0
    grace_seconds: Annotated[
        Annotated[float, Meta(ge=1, le=90 * 86_400)],
        setting("How long files that were replaced stay after the swap: longer than any query lasts", unit="seconds"),
    ] = 86_400.0


class Views(msgspec.Struct, frozen=True, kw_only=True):
    """The views that the partitioner keeps in the metastore."""

    catalog: Annotated[
        Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,127}$")],
        setting("The catalog by which Trino (or Athena: `awsdatacatalog`) knows the metastore"),
    ] = "lake"
    zones: Annotated[
        Annotated[str, Meta(max_length=1_024)],
        setting("IANA zones that have a view `business_days_…`, as Zone/One,Zone/Two; at most 24"),
    ] = "UTC"

    def __post_init__(self) -> None:
        names = [view_name(zone) for zone in self.each_zone]
        if not len(set(names)) == len(names) <= ZONES_MAX:
            raise ValueError(f"ZONES is `{self.zones}`, but must be at most {ZONES_MAX} zones, of different names")
        for zone in self.each_zone:
            try:
                ZoneInfo(zone)
            except (ZoneInfoNotFoundError, ValueError):
                raise ValueError(f"ZONES has `{zone}`, but must have IANA time zones such as `Europe/Paris`") from None

    @property
    def each_zone(self) -> tuple[str, ...]:
        """The zones one by one."""
        return tuple(zone.strip() for zone in self.zones.split(","))


class PartitionerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting of the partitioner."""

    partitioner: Partitioner
    metastore: Metastore
    s3: S3
    partition: Partition
    views: Views
    log: Log
