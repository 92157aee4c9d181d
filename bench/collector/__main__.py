"""Measure the collector beside its baselines on the Kafka at KAFKA_BOOTSTRAP; a table and a JSON file out."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import psutil

from bench.collector.load import EVENTS

SECONDS = float(os.environ.get("BENCH_SECONDS", "8"))
RESULTS = Path(__file__).parents[1] / "results/collector.json"
SITES = "[sites.demo]\nevents_per_second = 1_000_000\nevents_burst = 10_000_000\n"


class Measured(NamedTuple):
    """Thousand acknowledged events per second of the server's CPU and of the clock; latencies in ms."""

    name: str
    per_cpu_second: float
    per_second: float
    p50_ms: float
    p99_ms: float
    failed: int


def measure(name: str, command: list[str], variables: dict[str, str], rate: float = 0) -> Measured:
    """Run a server, load it, and see what it used."""
    with running(command, variables) as (process, port):
        load(port, 1, rate)  # warm
        before = cpu_seconds(process)
        started = time.perf_counter()
        result = load(port, SECONDS, rate)
        elapsed = min(SECONDS, time.perf_counter() - started)
        used = cpu_seconds(process) - before
    thousands = result["batches"] * EVENTS / 1000
    return Measured(name, thousands / used, thousands / elapsed, result["p50_ms"], result["p99_ms"], result["failed"])


def load(port: int, seconds: float, rate: float) -> dict[str, Any]:
    """Load from a process of its own."""
    command = [sys.executable, "-m", "bench.collector.load", str(port), str(seconds), str(rate)]
    done = subprocess.run(command, check=True, capture_output=True)
    answer: dict[str, Any] = msgspec.json.decode(done.stdout)
    return answer


@contextmanager
def running(command: list[str], variables: dict[str, str]) -> Iterator[tuple[psutil.Process, int]]:
    """A server that answers, on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    filled = [sys.executable, "-m", *(each.replace("PORT", str(port)) for each in command)]
    with subprocess.Popen(
        filled, env=os.environ | variables | {"COLLECTOR_PORT": str(port)}, stdout=subprocess.DEVNULL
    ) as server:
        try:
            wait_for(port)
            yield psutil.Process(server.pid), port
        finally:
            server.terminate()


def wait_for(port: int) -> None:
    """Until somebody listens, and Kafka had a moment to be found."""
    until = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
    time.sleep(1)


def cpu_seconds(process: psutil.Process) -> float:
    """Of the server and its workers."""
    return sum(sum(each.cpu_times()[:2]) for each in (process, *process.children(recursive=True)))


def main() -> None:
    """Print the table, write the file."""
    with tempfile.TemporaryDirectory() as folder:
        sites = Path(folder) / "sites.toml"
        sites.write_text(SITES)
        ours = {
            "COLLECTOR_SITES_FILE": str(sites),
            "SPOOL_FOLDER": f"{folder}/spool",
            "COLLECTOR_ADDRESS_REQUESTS_PER_SECOND": "1000000",
            "COLLECTOR_ADDRESS_REQUESTS_BURST": "10000000",
        }
        away = ours | {"KAFKA_BOOTSTRAP": "127.0.0.1:1", "SPOOL_FOLDER": f"{folder}/away"}
        complete = measure("ours, complete", ["services.collector"], ours)
        rows = [
            complete,
            measure("ours, two workers", ["services.collector"], ours | {"COLLECTOR_WORKERS": "2"}),
            measure("ours, into the spool", ["services.collector"], away),
            measure("ours, no Kafka", ["bench.collector.ceiling", "PORT", f"{folder}/ceiling"], {}),
            measure("one plain record", ["bench.collector.baselines", "plain", "PORT"], {}),
            measure("naive, per event", ["bench.collector.baselines", "naive", "PORT"], {}),
            measure("ours, open at 70 %", ["services.collector"], ours, 0.7 * complete.per_second * 1000 / EVENTS),
        ]
    print(f"{'':24}{'k events/CPU-s':>16}{'k events/s':>12}{'p50 ms':>9}{'p99 ms':>9}{'failed':>8}")
    for each in rows:
        print(
            f"{each.name:24}{each.per_cpu_second:16.0f}{each.per_second:12.0f}"
            f"{each.p50_ms:9.1f}{each.p99_ms:9.1f}{each.failed:8}"
        )
    write({each.name: each for each in rows})


def write(rows: dict[str, Measured]) -> None:
    """The ratios; those whose baseline is not built yet are null."""
    ours = rows["ours, complete"].per_cpu_second
    ratios = {
        "ratio_naive_cpu": round(ours / rows["naive, per event"].per_cpu_second, 2),
        "ratio_plain_cpu": round(ours / rows["one plain record"].per_cpu_second, 2),
        "ratio_ceiling_cpu": round(ours / rows["ours, no Kafka"].per_cpu_second, 2),
        "ratio_node_cpu": None,
        "ratio_go_cpu": None,
        "p99_ms_at_70_percent": rows["ours, open at 70 %"].p99_ms,
        "spool_rss_growth_mb": None,
        "drain_ratio": None,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(ratios), indent=2) + b"\n")
    print(ratios)


if __name__ == "__main__":
    main()
