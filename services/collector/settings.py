"""What can be turned in the collector."""

from typing import Annotated

import msgspec
from msgspec import Meta

from eyeshot.settings import Host, Kafka, Log, Port, setting

MIB = 1024 * 1024
OptOut = Annotated[str, Meta(pattern="^(drop|minimise|ignore)$")]


class Collector(msgspec.Struct, frozen=True, kw_only=True):
    """The collector's own settings."""

    host: Annotated[Host, setting("The address it listens on")] = "127.0.0.1"
    port: Annotated[Port, setting("The port it listens on")] = 8400
    sdk_folder: Annotated[str, setting("Folder of the built SDK, served under /sdk")] = "sdk/dist"
    sdk_alias_seconds: Annotated[
        Annotated[int, Meta(ge=0, le=86_400)],
        setting("How long browsers may keep /sdk/<file>, the newest version", unit="seconds"),
    ] = 300
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
        setting("How long Kafka may take to acknowledge before a record goes to the spool", unit="ms"),
    ] = 1_000
    connect_timeout_ms: Annotated[
        Annotated[int, Meta(ge=500, le=60_000)],
        setting("How long a connection to Kafka, or a request inside its client library, may take", unit="ms"),
    ] = 5_000
    linger_ms: Annotated[
        Annotated[int, Meta(ge=0, le=1_000)],
        setting("How long records wait to share a request to Kafka", unit="ms"),
    ] = 5
    breaker_failures: Annotated[
        Annotated[int, Meta(ge=1, le=1_000)],
        setting("Failures in a row after which Kafka counts as away", unit="failures"),
    ] = 3
    probe_ms_min: Annotated[
        Annotated[int, Meta(ge=10, le=60_000)],
        setting("First pause before Kafka, when away, is tried with one record; doubles with every failure", unit="ms"),
    ] = 500
    probe_ms_max: Annotated[
        Annotated[int, Meta(ge=10, le=600_000)],
        setting("Longest pause between two tries", unit="ms"),
    ] = 5_000
    workers: Annotated[
        Annotated[int, Meta(ge=1, le=64)],
        setting("Worker processes that share the port; each has its share of every quota", unit="processes"),
    ] = 1
    sites_file: Annotated[
        Annotated[str, Meta(min_length=1)],
        setting("The sites: keys, origins, quotas; read again when it changes"),
    ] = "deploy/sites/sites.toml"
    sites_poll_seconds: Annotated[
        Annotated[float, Meta(ge=0.05, le=3_600)],
        setting("How often the sites file is looked at", unit="seconds"),
    ] = 1.0
    trusted_proxies: Annotated[
        Annotated[int, Meta(ge=0, le=16)],
        setting("Your own proxies in front that add to X-Forwarded-For; 0: it is not believed", unit="proxies"),
    ] = 0
    gpc: Annotated[
        OptOut,
        setting("What `Sec-GPC: 1` means: drop the batch, minimise (no agent, no address), or ignore"),
    ] = "drop"
    dnt: Annotated[OptOut, setting("What `DNT: 1` means, likewise")] = "minimise"
    address_requests_per_second: Annotated[
        Annotated[int, Meta(ge=1, le=1_000_000)],
        setting("Requests that one network (IPv4 /24, IPv6 /48) may send for long", unit="requests/second"),
    ] = 500
    address_requests_burst: Annotated[
        Annotated[int, Meta(ge=1, le=10_000_000)],
        setting("Requests that one network may send at once", unit="requests"),
    ] = 5_000
    addresses_max: Annotated[
        Annotated[int, Meta(ge=1, le=1_000_000)],
        setting("Networks whose requests are counted; the one seen longest ago is forgotten first", unit="networks"),
    ] = 20_000
    connections_max: Annotated[
        Annotated[int, Meta(ge=1, le=100_000)],
        setting("Open connections of one worker; the next ones are answered 503", unit="connections"),
    ] = 10_000
    in_flight_bytes_max: Annotated[
        Annotated[int, Meta(ge=1024, le=4_294_967_296)],
        setting("Bytes of bodies in one worker's memory; beyond it requests are answered 503 at once", unit="bytes"),
    ] = 64 * MIB
    head_bytes_max: Annotated[
        Annotated[int, Meta(ge=512, le=1_048_576)],
        setting("Bytes of a request's URL, header names and values", unit="bytes"),
    ] = 16_384
    head_seconds: Annotated[
        Annotated[float, Meta(ge=0.05, le=300)],
        setting("How long a client may take to send a request's head", unit="seconds"),
    ] = 5.0
    body_seconds: Annotated[
        Annotated[float, Meta(ge=0.05, le=300)],
        setting("How long a client may take to send a body", unit="seconds"),
    ] = 10.0
    keep_alive_seconds: Annotated[
        Annotated[int, Meta(ge=1, le=3_600)],
        setting("How long an idle connection is kept", unit="seconds"),
    ] = 15
    retry_after_seconds: Annotated[
        Annotated[int, Meta(ge=1, le=3_600)],
        setting("Least Retry-After of a 503; up to as much again is added by chance", unit="seconds"),
    ] = 5
    unready_seconds: Annotated[
        Annotated[float, Meta(ge=0, le=300)],
        setting("After SIGTERM: how long it says it is not ready, and still takes requests", unit="seconds"),
    ] = 0.5
    shutdown_seconds: Annotated[
        Annotated[int, Meta(ge=1, le=300)],
        setting("How long open requests may take after SIGTERM", unit="seconds"),
    ] = 10


class Spool(msgspec.Struct, frozen=True, kw_only=True):
    """Where records wait while Kafka is away."""

    folder: Annotated[
        Annotated[str, Meta(min_length=1)],
        setting("Folder of the spool; it must outlive the process, one folder per machine"),
    ] = "var/spool"
    bytes_max: Annotated[
        Annotated[int, Meta(ge=MIB, le=2**40)],
        setting("Bytes of records that one worker's spool holds", unit="bytes"),
    ] = 2**30
    free_bytes_min: Annotated[
        Annotated[int, Meta(ge=0, le=2**40)],
        setting("Free bytes of its disk that are left alone", unit="bytes"),
    ] = 256 * MIB
    commit_ms: Annotated[
        Annotated[int, Meta(ge=0, le=100)],
        setting("How long records wait to share an fsync", unit="ms"),
    ] = 5
    drain_records: Annotated[
        Annotated[int, Meta(ge=1, le=10_000)],
        setting("Records that are drained to Kafka at once", unit="records"),
    ] = 1_000


class CollectorSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting of the collector."""

    collector: Collector
    spool: Spool
    kafka: Kafka
    log: Log
