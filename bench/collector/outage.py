"""A collector and its broker in; what an outage of Kafka at full load costs, and how fast its end is caught up, out."""

import subprocess
import time
from typing import NamedTuple

from bench.broker import Broker
from bench.collector.batches import EVENTS
from bench.collector.load import CLOSED_CONNECTIONS, OPEN_CONNECTIONS, Load, result
from bench.collector.servers import Running
from deploy.patience import until

BACK_SECONDS = 180
LOOK_SECONDS = 0.5
DRAIN_SECONDS = 20
BEGUN_RECORDS = 1_000  # before that, a Kafka that has just started is what is measured


class Outage(NamedTuple):
    """Memory in MB (10^6 bytes); rates in events a second."""

    seconds: float
    rss_before_mb: float
    rss_growth_mb: float
    spooled_per_second: float
    refused: int
    live_per_second: float
    drained_per_second: float
    drain_ratio: float


class Look(NamedTuple):
    """When, records drained and requests taken until then, records that wait."""

    at: float
    drained: float
    taken: float
    waiting: float


class StillAway(Exception):
    """The drain has not really begun."""


def measure(server: Running, broker: Broker, load: Load, seconds: float, live_per_second: float) -> Outage:
    """Full load without Kafka for so long; then a constant `live_per_second` of events beside the drain."""
    load.closed(server, 10)  # its memory is that of a collector at work
    before = server.rss_bytes()
    broker.stop()
    away = load.start(server, seconds, 0, CLOSED_CONNECTIONS)
    peak = _peak(server, away)
    sent = result(away)
    live = load.start(server, BACK_SECONDS + DRAIN_SECONDS, live_per_second / EVENTS, OPEN_CONNECTIONS)
    try:
        first = _look(server)
        broker.start()
        until("the drain", lambda: _check_drains(server, first), BACK_SECONDS, StillAway)
        last = begun = _look(server)
        while last.waiting and last.at - begun.at < DRAIN_SECONDS:
            time.sleep(LOOK_SECONDS)
            last = _look(server)
    finally:
        live.terminate()
        live.wait()
    if last.at - begun.at > DRAIN_SECONDS / 4:  # else the outage was so short that its end is all there is to see
        first = begun
    drained, taken, took = last.drained - first.drained, last.taken - first.taken, last.at - first.at
    return Outage(
        seconds=seconds,
        rss_before_mb=before / 1e6,
        rss_growth_mb=(peak - before) / 1e6,
        spooled_per_second=sent["statuses"].get("202", 0) * EVENTS / sent["seconds"],
        refused=sum(count for status, count in sent["statuses"].items() if status != "202"),
        live_per_second=taken * EVENTS / took,
        drained_per_second=drained * EVENTS / took,
        drain_ratio=drained / taken,
    )


def _peak(server: Running, while_running: "subprocess.Popen[bytes]") -> int:
    peak = 0
    while True:
        peak = max(peak, server.rss_bytes())
        try:
            while_running.wait(LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return peak


def _check_drains(server: Running, first: Look) -> None:
    drained = _look(server).drained - first.drained
    if drained < BEGUN_RECORDS:
        raise StillAway(f"{drained:.0f} records were drained")


def _look(server: Running) -> Look:
    return Look(
        time.monotonic(),
        server.metric("records_drained_total"),
        server.metric("requests_received_total"),
        server.metric("spool_records"),
    )
