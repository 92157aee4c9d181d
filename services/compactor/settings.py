"""What can be turned in the compactor."""

from typing import Annotated

import msgspec
from msgspec import Meta

from eyeshot.commit_log import Deduplication
from eyeshot.settings import S3, Host, Kafka, Log, Partition, Port, setting

MIB = 1024 * 1024


class Compactor(msgspec.Struct, frozen=True, kw_only=True):
    """The compactor's own settings. The three flush knobs trade freshness against the size of files and memory."""

    host: Annotated[Host, setting("The address of its health and metrics pages")] = "127.0.0.1"
    port: Annotated[Port, setting("The port of its health and metrics pages")] = 8403
    group: Annotated[
        Annotated[str, Meta(pattern="^[A-Za-z0-9._-]{1,249}$")],
        setting("Kafka consumer group whose members share the topic"),
    ] = "eyeshot-compactor"
    flush_bytes: Annotated[
        Annotated[int, Meta(ge=1 * MIB, le=1024 * MIB)],
        setting(
            "Parquet bytes in one file that make a cut: fewer and larger files against freshness",
            unit="bytes",
        ),
    ] = 128 * MIB
    flush_seconds: Annotated[
        Annotated[float, Meta(ge=0.1, le=3_600)],
        setting(
            "Age of the oldest record not yet committed that makes a cut",
            unit="seconds",
        ),
    ] = 900.0
    row_group_rows: Annotated[
        Annotated[int, Meta(ge=1_000, le=1_000_000)],
        setting("Rows in a full row group: better compression against memory", unit="rows"),
    ] = 100_000
    part_bytes: Annotated[
        Annotated[int, Meta(ge=5 * MIB, le=64 * MIB)],
        setting("Size of the parts of an upload", unit="bytes"),
    ] = 8 * MIB
    poll_records_max: Annotated[
        Annotated[int, Meta(ge=1, le=100_000)],
        setting("Records read from Kafka at once", unit="records"),
    ] = 10_000
    poll_bytes_max: Annotated[
        Annotated[int, Meta(ge=1 * MIB, le=256 * MIB)],
        setting("Bytes of records read from Kafka at once, and of compressed ones that wait to be read", unit="bytes"),
    ] = 16 * MIB
    duplicate_window_seconds: Annotated[
        Annotated[float, Meta(ge=0, le=86_400)],
        setting(
            "An event is a duplicate when its identity was in its Kafka partition so long ago at most; by record time",
            unit="seconds",
        ),
    ] = 900.0
    duplicate_runs_max: Annotated[
        Annotated[int, Meta(ge=1_000, le=10_000_000)],
        setting(
            "Runs of numbered events remembered per Kafka partition, about 70 bytes each; a batch is one or two",
            unit="runs",
        ),
    ] = 100_000
    memory_bytes_max: Annotated[
        Annotated[int, Meta(ge=256 * MIB, le=8_192 * MIB)],
        setting(
            "Memory the process may take, at 7/8 of it a cut is made: larger files of a backlog against memory",
            unit="bytes",
        ),
    ] = 512 * MIB
    retry_seconds_max: Annotated[
        Annotated[float, Meta(ge=0.1, le=60)],
        setting("Longest pause before a store that did not answer is asked the same again", unit="seconds"),
    ] = 5.0
    answer_seconds: Annotated[
        Annotated[float, Meta(ge=0.5, le=600)],
        setting("How long the store may take to answer before the same is asked again", unit="seconds"),
    ] = 60.0
    session_seconds: Annotated[
        Annotated[float, Meta(ge=0.5, le=1_800)],
        setting(
            "Silence after which the group gives its partitions to others; a broker takes 6 s and more unless told",
            unit="seconds",
        ),
    ] = 6.0
    sweep_seconds: Annotated[
        Annotated[int, Meta(ge=3_600, le=2_592_000)],
        setting(
            "Age at which an upload that no manifest names is aborted; longer than any compactor's pause",
            unit="seconds",
        ),
    ] = 86_400

    @property
    def deduplication(self) -> Deduplication:
        """The window for duplicates, as manifests name it."""
        return Deduplication(window_ms=round(self.duplicate_window_seconds * 1000), runs_max=self.duplicate_runs_max)


class CompactorSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting of the compactor."""

    compactor: Compactor
    kafka: Kafka
    s3: S3
    partition: Partition
    log: Log
