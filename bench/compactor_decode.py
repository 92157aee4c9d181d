"""Records in memory to Parquet in memory, several ways in one run: `python -m bench.compactor_decode`.

Prints a table and writes bench/results/compactor_decode.json. Numbers are events per second of processor time; on a
busy machine only their ratios mean something, and those only within one run.
"""

import argparse
import gc
import json
import time
from pathlib import Path
from typing import NamedTuple

from bench import tables
from bench.events import collected_batches, single_events
from services.compactor.rows import KafkaRecord

RESULT = Path(__file__).parent / "results" / "compactor_decode.json"
ROUNDS = 5
BATCHED: dict[str, tables.Way] = {
    "ours": tables.ours,
    "naive": tables.naive,
    "ceiling": tables.ceiling_batches,
    "duckdb": tables.duckdb_batches,
}
SINGLE: dict[str, tables.Way] = {
    "ours": tables.ours,
    "naive": tables.naive,
    "pyarrow": tables.ceiling_singles,
    "duckdb": tables.duckdb_singles,
}


class Result(NamedTuple):
    """One way's best round: seconds of processor time, and of the clock."""

    cpu: float
    wall: float
    bytes: int


def main() -> None:
    """Run everything and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=400_000)
    events = parser.parse_args().events
    report = {
        "batches": _measured("batches of 20", list(collected_batches(events)), BATCHED),
        "singles": _measured("single events", list(single_events(events // 4)), SINGLE),
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(report, indent=1) + "\n")
    print(f"\nwrote {RESULT}")


def _measured(title: str, records: list[KafkaRecord], ways: dict[str, tables.Way]) -> dict[str, float]:
    present = {name: way for name, way in ways.items() if name != "duckdb" or tables.PEERS.exists()}
    events = tables.ours(records).rows
    gc.collect()
    gc.freeze()  # the data is no way's doing
    results = _best_rounds(records, present, events)
    gc.unfreeze()
    json_bytes = sum(len(record.value) for record in records) / events
    _print(title, results, events, json_bytes)
    return _summary(results, events, json_bytes)


def _best_rounds(records: list[KafkaRecord], ways: dict[str, tables.Way], events: int) -> dict[str, Result]:
    """The ways take turns, so that a busy moment of the machine hits all of them."""
    best: dict[str, Result] = {}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            result = _round(way, records, events)
            best[name] = min(best.get(name, result), result)
    return best


def _round(way: tables.Way, records: list[KafkaRecord], events: int) -> Result:
    cpu, wall = time.process_time(), time.perf_counter()
    written = way(records)
    used = time.process_time() - cpu if written.cpu_seconds is None else written.cpu_seconds
    result = Result(used, time.perf_counter() - wall, written.bytes)
    if written.rows != events:
        raise AssertionError(f"{way} wrote {written.rows} rows of {events} events")
    return result


def _print(title: str, results: dict[str, Result], events: int, json_bytes: float) -> None:
    print(f"\n{title}: {events:,} events, {json_bytes:.0f} B of JSON each")
    print(f"{'':10}{'events/CPU-s':>14}{'events/s':>12}{'of naive':>10}{'B/event':>10}")
    for name, result in results.items():
        ratio = results["naive"].cpu / result.cpu
        stored = result.bytes / events
        print(f"{name:10}{events / result.cpu:14,.0f}{events / result.wall:12,.0f}{ratio:9.2f}×{stored:10.2f}")


def _summary(results: dict[str, Result], events: int, json_bytes: float) -> dict[str, float]:
    ours = results["ours"]
    ratios = {f"ratio_{name}_cpu": round(each.cpu / ours.cpu, 3) for name, each in results.items() if name != "ours"}
    return {
        **ratios,
        "events": events,
        "events_per_cpu_second": round(events / ours.cpu),
        "json_bytes_per_event": round(json_bytes, 1),
        "bytes_per_event": round(ours.bytes / events, 2),
        "bytes_ratio_compact_json": round(json_bytes * events / ours.bytes, 2),
    }


if __name__ == "__main__":
    main()
