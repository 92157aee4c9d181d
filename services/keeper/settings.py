"""What can be turned in the keeper."""

from typing import Annotated

import msgspec
from msgspec import Meta

from eyeshot.settings import S3, Host, Kafka, Log, Partition, Port, setting

MIB = 1024 * 1024


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
    retry_seconds_max: Annotated[
        Annotated[float, Meta(ge=0.1, le=60)],
        setting("Longest pause before a store that did not answer is asked the same again", unit="seconds"),
    ] = 5.0


class KeeperSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting of the keeper."""

    keeper: Keeper
    kafka: Kafka
    s3: S3
    partition: Partition
    log: Log
