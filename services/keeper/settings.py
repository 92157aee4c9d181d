"""What can be turned in the keeper."""

from typing import Annotated

import msgspec
from msgspec import Meta

from eyeshot.settings import S3, Host, Kafka, Log, Partition, Port, setting
from services.keeper.tiers import NEVER, Ages

MIB = 1024 * 1024
RESTORED_FIRST = frozenset({"GLACIER", "DEEP_ARCHIVE"})


class Keeper(msgspec.Struct, frozen=True, kw_only=True):
    """The keeper's own settings."""

    host: Annotated[Host, setting("The address of its health and metrics pages")] = "127.0.0.1"
    port: Annotated[Port, setting("The port of its health and metrics pages")] = 8405
    poll_seconds: Annotated[
        Annotated[float, Meta(ge=0.1, le=3_600)],
        setting("Pause between two looks at the commit log", unit="seconds"),
    ] = 60.0
    file_bytes: Annotated[
        Annotated[int, Meta(ge=1 * MIB, le=1024 * MIB)],
        setting("Size of the files that a merge makes", unit="bytes"),
    ] = 128 * MIB
    gain_min: Annotated[
        Annotated[float, Meta(ge=0.01, le=1)],
        setting("Share of a day's files that a merge must save to be worth rewriting the day", unit="ratio"),
    ] = 0.2
    row_group_rows: Annotated[
        Annotated[int, Meta(ge=1_000, le=1_000_000)],
        setting("Rows in a full row group: better compression against memory", unit="rows"),
    ] = 100_000
    part_bytes: Annotated[
        Annotated[int, Meta(ge=5 * MIB, le=64 * MIB)],
        setting("Size of the parts of an upload", unit="bytes"),
    ] = 8 * MIB
    clock_seconds_max: Annotated[
        Annotated[float, Meta(ge=0, le=86_400)],
        setting("How far the broker's clock may be behind this machine's: a day closes so much later", unit="seconds"),
    ] = 300.0
    sweep_seconds: Annotated[
        Annotated[float, Meta(ge=60, le=30 * 86_400)],
        setting("Age at which a rewriting that nobody committed is removed; none may take longer", unit="seconds"),
    ] = 86_400.0
    retention_days: Annotated[
        Annotated[int, Meta(ge=0, le=36_500)],
        setting("Days are deleted so long after their end; 0: never", unit="days"),
    ] = 0
    warm_days: Annotated[
        Annotated[int, Meta(ge=0, le=36_500)],
        setting("Days move to the warm tier so long after their end; 0: never", unit="days"),
    ] = 90
    cold_days: Annotated[
        Annotated[int, Meta(ge=0, le=36_500)],
        setting("Days move to the cold tier so long after their end; 0: never", unit="days"),
    ] = 365
    tiers: Annotated[
        Annotated[str, Meta(pattern="^(copy|native)$")],
        setting(
            "Who moves days: `copy`, the keeper, into buckets `-warm` and `-cold`; `native`, the store itself, by the"
            " lifecycle rules that `make up` writes"
        ),
    ] = "copy"
    warm_class: Annotated[
        Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")],
        setting("With `native`: the store's name for the warm tier, a storage class of AWS or a remote tier of MinIO"),
    ] = "STANDARD_IA"
    cold_class: Annotated[
        Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")],
        setting("With `native`: the store's name for the cold tier; objects in it must be readable at once"),
    ] = "GLACIER_IR"
    retry_seconds_max: Annotated[
        Annotated[float, Meta(ge=0.1, le=60)],
        setting("Longest pause before a store that did not answer is asked the same again", unit="seconds"),
    ] = 5.0

    def __post_init__(self) -> None:
        if self.warm_days and self.cold_days and self.cold_days <= self.warm_days:
            more = f"more than KEEPER_WARM_DAYS, which is {self.warm_days}"
            raise ValueError(f"COLD_DAYS is {self.cold_days}, but must be {more}, or 0")
        for name, chosen in (("WARM_CLASS", self.warm_class), ("COLD_CLASS", self.cold_class)):
            if chosen in RESTORED_FIRST:
                raise ValueError(
                    f"{name} is `{chosen}`, whose objects must be restored before they are read: no query could,"
                    " choose such as `GLACIER_IR`"
                )

    @property
    def ages(self) -> Ages:
        """When the keeper itself moves days: never, where the store does."""
        return Ages(self.warm_days, self.cold_days) if self.tiers == "copy" else NEVER


class KeeperSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting of the keeper."""

    keeper: Keeper
    kafka: Kafka
    s3: S3
    partition: Partition
    log: Log
