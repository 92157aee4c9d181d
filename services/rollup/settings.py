"""What can be turned in the rollup."""

from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from eyeshot.settings import S3, Host, Kafka, Log, Partition, Port, setting, zone_of

Name = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,127}$")]


class Rollup(msgspec.Struct, frozen=True, kw_only=True):
    """The rollup's own settings."""

    host: Annotated[Host, setting("The address of its health and metrics pages")] = "127.0.0.1"
    port: Annotated[Port, setting("The port of its health and metrics pages")] = 8406
    time_zone: Annotated[str, setting("IANA zone whose days are the business days")] = "UTC"
    poll_seconds: Annotated[
        Annotated[float, Meta(ge=0.1, le=3_600)],
        setting("Pause between two looks at the commit log", unit="seconds"),
    ] = 60.0
    days_back: Annotated[
        Annotated[int, Meta(ge=0, le=36_500)],
        setting("Days that ended longer ago and are not in the table yet are left alone; 0: none is", unit="days"),
    ] = 0
    suspects: Annotated[
        Annotated[str, Meta(pattern="^(leave_out|count)$")],
        setting("Whether events count whose `suspect` says that they come from no person"),
    ] = "leave_out"
    refused_quality: Annotated[
        Annotated[int, Meta(ge=0, le=2**31 - 1)],
        setting("Impressions with one of these bits of `quality` do not count"),
    ] = 0
    slice_rows: Annotated[
        Annotated[int, Meta(ge=10_000, le=1_000_000_000)],
        setting("Events that one question may have to remember: a day with more is asked in slices", unit="rows"),
    ] = 2_000_000
    clock_seconds_max: Annotated[
        Annotated[float, Meta(ge=0, le=86_400)],
        setting("How far the broker's clock may be behind this machine's: a day closes so much later", unit="seconds"),
    ] = 300.0
    retry_seconds_max: Annotated[
        Annotated[float, Meta(ge=0.1, le=60)],
        setting("Longest pause before a store that did not answer is asked the same again", unit="seconds"),
    ] = 5.0

    def __post_init__(self) -> None:
        zone_of(self.time_zone)

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the business days."""
        return zone_of(self.time_zone)


class Trino(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the rollup asks."""

    host: Annotated[Host, setting("Trino's host")]
    port: Annotated[Port, setting("Trino's port")] = 8080
    user: Annotated[
        Annotated[str, Meta(pattern="^[A-Za-z0-9._@-]{1,255}$")], setting("The user name that Trino is told")
    ] = "rollup"
    catalog: Annotated[Name, setting("The lake's catalog")] = "lake"
    schema: Annotated[Name, setting("The tables' schema")] = "eyeshot"
    answer_seconds: Annotated[
        Annotated[float, Meta(ge=1, le=600)],
        setting("How long Trino may take to answer a request; a question takes many", unit="seconds"),
    ] = 30.0
    run_seconds_max: Annotated[
        Annotated[int, Meta(ge=10, le=86_400)],
        setting("How long Trino may take for one question", unit="seconds"),
    ] = 3_600


class Database(msgspec.Struct, frozen=True, kw_only=True):
    """The PostgreSQL database that the main application reads."""

    host: Annotated[Host, setting("PostgreSQL's host")]
    password: Annotated[Annotated[str, Meta(min_length=8)], setting("The user's password", secret=True)]
    port: Annotated[Port, setting("PostgreSQL's port")] = 5432
    name: Annotated[Annotated[str, Meta(min_length=1, max_length=63)], setting("The database")] = "eyeshot_app"
    user: Annotated[Annotated[str, Meta(min_length=1, max_length=63)], setting("The user that writes")] = "rollup"
    tls: Annotated[
        Annotated[str, Meta(pattern="^(disable|prefer|require|verify-full)$")],
        setting("libpq's sslmode; a database on another machine needs verify-full"),
    ] = "prefer"
    connect_seconds: Annotated[
        Annotated[int, Meta(ge=2, le=600)],
        setting("How long PostgreSQL may take to let it in", unit="seconds"),
    ] = 10

    def __repr__(self) -> str:
        """Without the password: what is printed is read by others."""
        return f"Database(host={self.host!r}, port={self.port!r}, name={self.name!r}, user={self.user!r})"


class RollupSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting of the rollup."""

    rollup: Rollup
    trino: Trino
    database: Database
    kafka: Kafka
    s3: S3
    partition: Partition
    log: Log
