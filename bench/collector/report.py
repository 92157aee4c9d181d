"""What was measured in; a table for people, and a file of ratios, out."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from bench.collector.load import Measured
from bench.collector.outage import Outage
from deploy.paths import ROOT

RESULT = ROOT / "bench/results/collector.json"

TITLES = {
    "ours": "ours, complete",
    "two_workers": "ours, two workers",
    "spool": "ours, into the spool",
    "ceiling": "ours, without Kafka",
    "plain": "Starlette, a record a request",
    "naive": "Starlette, a record an event",
    "node": "Node, kafkajs, micro-batches",
    "go": "Go, franz-go, its own codec",
    "go_zstd": "Go, franz-go, zstd as ours",
}


class Results(NamedTuple):
    """Everything that was measured."""

    closed: dict[str, Measured]
    at_70_percent: list[Measured]
    outage: Outage
    seconds: float
    rounds: int


def publish(results: Results) -> None:
    """Print the table and write the file."""
    summary = ratios(results)
    _print(results)
    for name, value in summary.items():
        print(f"{name:28}{value:10}")
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_bytes(
        msgspec.json.format(msgspec.json.encode(summary | {"detail": _detail(results)}), indent=1) + b"\n"
    )
    print(f"\nwrote {RESULT.relative_to(ROOT)}")


def ratios(results: Results) -> dict[str, float]:
    """Ours over each baseline, per second of processor time; of Go's two codecs the faster one counts."""
    rate = {name: each.per_cpu_second for name, each in results.closed.items()}
    return {
        "ratio_naive_cpu": round(rate["ours"] / rate["naive"], 2),
        "ratio_ceiling_cpu": round(rate["ours"] / rate["ceiling"], 2),
        "ratio_node_cpu": round(rate["ours"] / rate["node"], 2),
        "ratio_go_cpu": round(rate["ours"] / max(rate["go"], rate["go_zstd"]), 2),
        "p99_ms_at_70_percent": _middle(results.at_70_percent).p99_ms,
        "spool_rss_growth_mb": round(results.outage.rss_growth_mb, 1),
        "drain_ratio": round(results.outage.drain_ratio, 2),
    }


def _middle(rounds: list[Measured]) -> Measured:
    """The round with the median p99."""
    return sorted(rounds, key=lambda each: each.p99_ms)[len(rounds) // 2]


def _print(results: Results) -> None:
    print(
        f"{'':32}{'k events/CPU-s':>15}{'k events/s':>12}{'p50 ms':>9}{'p99 ms':>9}{'CPUs':>7}{'load':>7}{'refused':>9}"
    )
    rows = {TITLES[name]: each for name, each in results.closed.items()}
    rows["ours, open, at 70 %"] = _middle(results.at_70_percent)
    for title, each in rows.items():
        print(
            f"{title:32}{each.per_cpu_second / 1e3:15.0f}{each.per_second / 1e3:12.1f}{each.p50_ms:9.1f}"
            f"{each.p99_ms:9.1f}{each.utilisation:7.2f}{each.load_share:7.2f}{each.refused:9}"
        )
    away = results.outage
    print(
        f"\n{away.seconds:.0f} s without Kafka at full load: {away.spooled_per_second / 1e3:.1f} k events/s spooled, "
        f"{away.refused} refused, memory {away.rss_before_mb:.0f} MB + {away.rss_growth_mb:.1f} MB\n"
        f"Kafka is back: {away.drained_per_second / 1e3:.1f} k events/s drained "
        f"beside {away.live_per_second / 1e3:.1f} k events/s of live traffic\n"
    )


def _detail(results: Results) -> dict[str, Any]:
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _said("git", "rev-parse", "HEAD"),
        "machine": {
            "processors": os.cpu_count(),
            "model": _said("sh", "-c", "grep -m1 'model name' /proc/cpuinfo | cut -d: -f2"),
            "load_average": os.getloadavg(),
            "python": platform.python_version(),
            "go": _said("go", "version"),
            "node": _said("node", "--version"),
        },
        "seconds": results.seconds,
        "rounds": results.rounds,
        "ratio_plain_cpu": round(results.closed["ours"].per_cpu_second / results.closed["plain"].per_cpu_second, 2),
        "ratio_two_workers": round(results.closed["two_workers"].per_second / results.closed["ours"].per_second, 2),
        "closed": {name: each._asdict() for name, each in results.closed.items()},
        "at_70_percent": [each._asdict() for each in results.at_70_percent],
        "outage": results.outage._asdict(),
    }


def _said(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout.strip()
