"""A running server in; how many events it acknowledged, how fast, and what that cost, out. The load itself is in Go."""

import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from bench.collector import builds
from bench.collector.batches import EVENTS
from bench.collector.servers import Running

CLOSED_CONNECTIONS = 64
OPEN_CONNECTIONS = 512
"""So many that a batch is late only if the server is."""


class Measured(NamedTuple):
    """Events acknowledged per second of the server's processor time and of the clock; latencies in ms.

    `utilisation` and `load_share` are processors that the server and the load kept busy.
    """

    per_cpu_second: float
    per_second: float
    p50_ms: float
    p99_ms: float
    p999_ms: float
    late_p99_ms: float
    refused: int
    utilisation: float
    load_share: float


class Load:
    """Sends batches to a server and measures both."""

    def __init__(self, batches: Path) -> None:
        self._batches = batches

    def closed(self, server: Running, seconds: float) -> Measured:
        """Each of 64 connections sends as soon as it has its answer."""
        return self._measure(server, seconds, 0, CLOSED_CONNECTIONS)

    def open(self, server: Running, seconds: float, batches_per_second: float) -> Measured:
        """At a constant rate, whatever the server does; latencies count from when a batch was due."""
        return self._measure(server, seconds, batches_per_second, OPEN_CONNECTIONS)

    def start(self, server: Running, seconds: float, rate: float, connections: int) -> "subprocess.Popen[bytes]":
        """Begin to send; 0: closed. Its output is for `result`."""
        flags = {"port": server.port, "seconds": seconds, "rate": rate, "connections": connections}
        command = [str(builds.go() / "load"), "-batches", str(self._batches)]
        command += [f"-{name}={value}" for name, value in flags.items()]
        return subprocess.Popen(command, stdout=subprocess.PIPE)

    def _measure(self, server: Running, seconds: float, rate: float, connections: int) -> Measured:
        before = server.cpu_seconds()
        found = result(self.start(server, seconds, rate, connections))
        used, took = server.cpu_seconds() - before, found["seconds"]
        events = found["statuses"].get("202", 0) * EVENTS
        return Measured(
            per_cpu_second=events / used,
            per_second=events / took,
            p50_ms=found["p50_ms"],
            p99_ms=found["p99_ms"],
            p999_ms=found["p999_ms"],
            late_p99_ms=found["late_p99_ms"],
            refused=sum(count for status, count in found["statuses"].items() if status != "202"),
            utilisation=used / took,
            load_share=found["cpu_seconds"] / took,
        )


def result(sending: "subprocess.Popen[bytes]") -> dict[str, Any]:
    """What the load found, once it is over."""
    output, _ = sending.communicate()
    assert sending.returncode == 0, "the load failed"
    found: dict[str, Any] = msgspec.json.decode(output)
    return found
