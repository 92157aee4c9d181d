"""What can be turned in the collector."""

from typing import Annotated

import msgspec
from msgspec import Meta

from eyeshot.settings import Host, Kafka, Log, Port, setting


class Collector(msgspec.Struct, frozen=True, kw_only=True):
    """The collector's own settings."""

    host: Annotated[Host, setting("The address it listens on")] = "127.0.0.1"
    port: Annotated[Port, setting("The port it listens on")] = 8400
    sdk_folder: Annotated[str, setting("Folder of the built SDK, served under /sdk")] = "sdk/dist"
    body_bytes_max: Annotated[
        Annotated[int, Meta(ge=1024, le=1_048_576)],
        setting("The largest body that is read, as sent", unit="bytes"),
    ] = 65_536
    inflated_bytes_max: Annotated[
        Annotated[int, Meta(ge=1024, le=1_048_576)],
        setting("The largest body after gzip is undone", unit="bytes"),
    ] = 1_048_576
    publish_timeout_ms: Annotated[
        Annotated[int, Meta(ge=50, le=60_000)],
        setting("How long Kafka may take to acknowledge before the answer is 503", unit="ms"),
    ] = 5_000
    linger_ms: Annotated[
        Annotated[int, Meta(ge=0, le=1_000)],
        setting("How long records wait to share a request to Kafka", unit="ms"),
    ] = 5
    retry_after_seconds: Annotated[
        Annotated[int, Meta(ge=1, le=3_600)],
        setting("Retry-After of a 503", unit="seconds"),
    ] = 5
    shutdown_seconds: Annotated[
        Annotated[int, Meta(ge=1, le=300)],
        setting("How long open requests may take after SIGTERM", unit="seconds"),
    ] = 10


class CollectorSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting of the collector."""

    collector: Collector
    kafka: Kafka
    log: Log
