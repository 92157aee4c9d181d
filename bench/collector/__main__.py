"""Measure the collector beside its baselines, on a Kafka of its own: a table, and results/collector.json.

BENCH_SECONDS (5) for one measurement, BENCH_ROUNDS (3), OUTAGE (600): seconds without Kafka, LIVE (0.2): the share of
capacity that is live traffic while the spool drains.
"""

import os
import tempfile
from pathlib import Path

from bench import broker
from bench.collector import batches, outage, report, servers
from bench.collector.load import Load, Measured
from bench.collector.report import Results
from bench.collector.servers import Server

SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
OUTAGE_SECONDS = float(os.environ.get("OUTAGE", "600"))
LIVE_SHARE = float(os.environ.get("LIVE", "0.2"))
WARM_SECONDS = 2.0
OPEN_SHARE = 0.7


def main() -> None:
    """Measure everything, print the table, write the file."""
    with tempfile.TemporaryDirectory(prefix="eyeshot-bench-") as name, broker.running() as kafka:
        folder = Path(name)
        batches.write(folder / "batches.json")
        load = Load(folder / "batches.json")
        known = servers.all_servers(kafka.bootstrap, folder)
        closed = _rounds(load, known)
        at_70_percent = _open(load, known["ours"], OPEN_SHARE * closed["ours"].per_second)
        with servers.running(known["ours"]) as running:
            live = LIVE_SHARE * closed["ours"].per_second
            away = outage.measure(running, kafka, load, OUTAGE_SECONDS, live)
    report.publish(Results(closed, at_70_percent, away, SECONDS, ROUNDS))


def _rounds(load: Load, known: dict[str, Server]) -> dict[str, Measured]:
    """The servers take turns, so that a busy moment of the machine hits all of them; the best round of each counts."""
    best: dict[str, Measured] = {}
    for number in range(ROUNDS):
        for name, server in known.items():
            print(f"\rround {number + 1} of {ROUNDS}: {name:12}", end="", flush=True)
            with servers.running(server) as running:
                load.closed(running, WARM_SECONDS)
                found = load.closed(running, SECONDS)
            best[name] = max(best.get(name, found), found)
    print("\r", end="")
    return best


def _open(load: Load, server: Server, events_per_second: float) -> list[Measured]:
    """The latencies of every round."""
    found = []
    for _ in range(ROUNDS):
        with servers.running(server) as running:
            load.closed(running, WARM_SECONDS)
            found.append(load.open(running, 2 * SECONDS, events_per_second / batches.EVENTS))
    return found


if __name__ == "__main__":
    main()
