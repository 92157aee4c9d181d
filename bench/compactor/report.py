"""Everything that was measured in; the ten numbers, a table for people, and the detail behind both, out."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from bench.compactor.baselines import Used
from bench.compactor.ours import Compacted
from bench.compactor.recovery import FLUSH_SECONDS, percentile
from bench.machine import described

FILE_BYTES = 128 * 1024 * 1024
FILE_SHARE = 0.03
MB = 1_000_000


class Measured(NamedTuple):
    """One run of everything. JSON bytes are per event."""

    batches: Compacted
    singles: Compacted
    backlog: Compacted
    batch_ways: dict[str, Used]
    single_ways: dict[str, Used]
    recovery: list[float]
    json_bytes: float
    full_name_bytes: float
    loads: tuple[float, float]


def numbers(measured: Measured) -> dict[str, Any]:
    """The ten numbers; ratios are events per second of processor time, ours over the other's."""
    ours, singles = _per_cpu_second(measured.batches), _per_cpu_second(measured.singles)
    per_event = measured.batches.bytes / measured.batches.rows
    runs = (measured.batches, measured.singles, measured.backlog)
    return {
        "ratio_naive_cpu": round(ours / measured.batch_ways["naive"].per_cpu_second, 3),
        "ratio_ceiling_cpu": round(ours / measured.batch_ways["pyarrow"].per_cpu_second, 3),
        "ratio_duckdb_cpu": round(ours / measured.batch_ways["duckdb"].per_cpu_second, 3),
        "flat_ratio_naive_cpu": round(singles / measured.single_ways["naive"].per_cpu_second, 3),
        "flat_ratio_peer_cpu": round(singles / measured.single_ways["quix"].per_cpu_second, 3),
        "recovery_seconds_p95": round(percentile(measured.recovery), 2),
        "rss_peak_mb": round(max(run.cost.peak_bytes for run in runs) / MB, 1),
        "bytes_per_event": round(per_event, 2),
        "bytes_ratio_compact_json": round(measured.json_bytes / per_event, 2),
        "files_within_3_percent": files_within(_cut_by_size(measured.batches)),
    }


def files_within(sizes: list[int]) -> float | None:
    """The share of files within 3 % of 128 MiB; None when there are none."""
    if not sizes:
        return None
    return round(sum(abs(size - FILE_BYTES) <= FILE_SHARE * FILE_BYTES for size in sizes) / len(sizes), 3)


def detail(measured: Measured) -> dict[str, Any]:
    """What the numbers come from, and where and when they were taken."""
    return described(measured.loads) | {
        "batches": _run(measured.batches) | _ways(measured.batch_ways),
        "singles": _run(measured.singles) | _ways(measured.single_ways),
        "backlog": _run(measured.backlog),
        "file_bytes": _cut_by_size(measured.batches),
        "json_bytes_per_event": round(measured.json_bytes, 1),
        "bytes_ratio_full_names": round(measured.full_name_bytes * measured.batches.rows / measured.batches.bytes, 2),
        "recovery_flush_seconds": FLUSH_SECONDS,
        "recovery_seconds": [round(each, 2) for each in sorted(measured.recovery)],
    }


def table(measured: Measured) -> Iterator[str]:
    """Lines of Markdown."""
    yield "| to Parquet | events | k events/CPU-s | k events/s | of the naive loop | B/event | peak MB |"
    yield "|---|---|---|---|---|---|---|"
    for title, ours, ways in (
        ("batches of 20", measured.batches, measured.batch_ways),
        ("single events", measured.singles, measured.single_ways),
    ):
        everyone = {"**compactor**": _as_used(ours), **ways}
        for name, used in everyone.items():
            peak = f"{ours.cost.peak_bytes / MB:.0f}" if used == _as_used(ours) else ""
            yield _line(f"{title}: {name}", used, ways["naive"], peak)
    backlog = measured.backlog
    yield _line("backlog of many days: **compactor**", _as_used(backlog), None, f"{backlog.cost.peak_bytes / MB:.0f}")


def _line(title: str, used: Used, naive: Used | None, peak: str) -> str:
    ratio = f"{used.per_cpu_second / naive.per_cpu_second:.2f} ×" if naive else ""
    stored = f"{used.bytes / used.events:.1f}" if used.bytes else ""
    rates = f"{used.per_cpu_second / 1000:.0f} | {used.events / used.seconds / 1000:.0f}"
    return f"| {title} | {used.events:,} | {rates} | {ratio} | {stored} | {peak} |"


def _as_used(run: Compacted) -> Used:
    return Used(run.rows, run.cost.cpu_seconds, run.cost.seconds, run.bytes)


def _per_cpu_second(run: Compacted) -> float:
    return run.rows / run.cost.cpu_seconds


def _cut_by_size(run: Compacted) -> list[int]:
    return [max(file.bytes for file in manifest.files) for manifest in run.manifests if manifest.reason == "size"]


def _run(run: Compacted) -> dict[str, Any]:
    reasons = [manifest.reason for manifest in run.manifests]
    return {
        "events": run.rows,
        "events_per_cpu_second": round(_per_cpu_second(run)),
        "cpu_seconds": round(run.cost.cpu_seconds, 2),
        "seconds": round(run.cost.seconds, 2),
        "rss_peak_mb": round(run.cost.peak_bytes / MB, 1),
        "files": len(run.files),
        "days": len({file.day for file in run.files}),
        "bytes_per_event": round(run.bytes / run.rows, 2),
        "cuts": {reason: reasons.count(reason) for reason in sorted(set(reasons))},
    }


def _ways(ways: dict[str, Used]) -> dict[str, Any]:
    return {
        name: {"events": used.events, "events_per_cpu_second": round(used.per_cpu_second)}
        for name, used in ways.items()
    }
