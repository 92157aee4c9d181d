"""Everything that was measured in; the six numbers, and the detail behind them, out. Pure."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from bench.query.columns import Columns
from bench.query.crawl import Crawl
from bench.query.files import Files
from bench.query.registration import Registration

MOST_PARTITIONS = 10_000
DIGITS = 4


class Measured(NamedTuple):
    """One run of everything; `scale` is the share of the full data."""

    scale: float
    columns: Columns
    files: Files
    registration: Registration
    crawl: Crawl


def numbers(measured: Measured) -> dict[str, float]:
    """The six numbers; what each is of what is said in docs/performance.md."""
    columns, files, registration = measured.columns, measured.files, measured.registration
    (most,) = (each for each in registration.planning if each.partitions == MOST_PARTITIONS)
    return {
        "merge_speedup": round(files.days[-1].cost.seconds / files.merge.after.seconds, 2),
        "two_column_bytes_ratio": round(columns.trino["all"].bytes / columns.trino["two"].bytes, 2),
        "row_store_ratio": round(columns.row_store.by_table.bytes / columns.trino["one"].bytes, 1),
        "ndjson_ratio": round(columns.json.cost.bytes / columns.day.bytes, 1),
        "registration_p99_ms": round(percentile(registration.seconds, 0.99) * 1000, 1),
        "partitions_10000_seconds": round(most.registered_seconds, 2),
    }


def detail(measured: Measured) -> dict[str, Any]:
    """What they come from, ready for JSON."""
    found: dict[str, Any] = _plain(measured)
    seconds = found["registration"].pop("seconds")
    found["registration"] |= {
        "manifests": len(seconds),
        "p50_ms": round(percentile(seconds, 0.5) * 1000, 1),
        "p99_ms": round(percentile(seconds, 0.99) * 1000, 1),
        "most_ms": round(max(seconds) * 1000, 1),
    }
    return found


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that so large a share of them does not exceed (nearest rank)."""
    return sorted(values)[max(1, math.ceil(share * len(values))) - 1]


def _plain(value: Any) -> Any:
    """Named tuples as objects, numbers to a few digits."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: _plain(each) for name, each in value._asdict().items()}
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return round(value, DIGITS) if isinstance(value, float) else value
