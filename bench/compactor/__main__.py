"""Measure the compactor beside its baselines, on Kafka and S3 of its own: `python -m bench.compactor [--scale 0.1]`.

Prints tables, writes bench/results/compactor.json. On a busy machine only the ratios mean something.
"""

import argparse
import json
import os
import shutil
from pathlib import Path

import msgspec

from bench.compactor import baselines, fill, ours, recovery, report
from bench.compactor.place import Place, running
from bench.events import full_names

RESULT = Path(__file__).parents[1] / "results" / "compactor.json"
BATCHED_EVENTS = 33_000_000  # at 13 bytes each, three files of 128 MiB and a rest
SINGLE_EVENTS = 3_000_000
BACKLOG_EVENTS, BACKLOG_DAYS = 3_000_000, 30
# The baselines' share: the first so many records of the same topics.
BATCHED_SAMPLE, SINGLE_SAMPLE = 50_000, 300_000
FULL_NAMES_SAMPLE = 20_000


def main() -> None:
    """Run everything and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full data")
    parser.add_argument("--recoveries", type=int, default=20, help="how often the compactor is killed")
    asked = parser.parse_args()
    with running() as place:
        measured = _measured(place, asked.scale, asked.recoveries)
    print("\n".join(report.table(measured)))
    found = report.numbers(measured)
    print("\n" + "\n".join(f"{name:26}{value}" for name, value in found.items()))
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(found | {"detail": report.detail(measured) | {"scale": asked.scale}}, indent=1) + "\n")
    print(f"\nwrote {RESULT}")


def _measured(place: Place, scale: float, recoveries: int) -> report.Measured:
    load = os.getloadavg()[0]
    _say("filling the topics")
    batches, singles = fill.batches(), fill.singles()
    batched = fill.fill(place.kafka, "batches", batches, round(BATCHED_EVENTS * scale))
    single = fill.fill(place.kafka, "singles", singles, round(SINGLE_EVENTS * scale))
    _say("batches: the compactor")
    ours_batched = _compacted(place, batched)
    _say("batches: the others")
    batch_ways = {
        "naive": baselines.naive(place, batched, BATCHED_SAMPLE),
        "pyarrow": baselines.in_memory(place, batched, "pyarrow-batches", BATCHED_SAMPLE),
        "duckdb": baselines.in_memory(place, batched, "duckdb-batches", BATCHED_SAMPLE),
    }
    _say("single events: the compactor")
    ours_single = _compacted(place, single)
    _say("single events: the others")
    single_ways = {
        "naive": baselines.naive(place, single, SINGLE_SAMPLE),
        "quix": baselines.quix(place, single, SINGLE_SAMPLE),
        "pyarrow": baselines.in_memory(place, single, "pyarrow-singles", SINGLE_SAMPLE),
        "duckdb": baselines.in_memory(place, single, "duckdb-singles", SINGLE_SAMPLE),
    }
    _say("a backlog of many days")
    backlog = fill.fill(place.kafka, "backlog", singles, round(BACKLOG_EVENTS * scale), days=BACKLOG_DAYS)
    ours_backlog = _compacted(place, backlog)
    _say("recovery after kill -9")
    seconds = recovery.seconds_to_commit(place, recoveries)
    return report.Measured(
        batches=ours_batched,
        singles=ours_single,
        backlog=ours_backlog,
        batch_ways=batch_ways,
        single_ways=single_ways,
        recovery=seconds,
        json_bytes=batched.json_bytes / batched.events,
        full_name_bytes=_full_name_bytes(),
        loads=(load, os.getloadavg()[0]),
    )


def _compacted(place: Place, filled: fill.Filled) -> ours.Compacted:
    """Of its files, only what the log says of them is kept: the disk is shared."""
    compacted = ours.compact(place, filled)
    shutil.rmtree(place.folder / "s3" / "objects" / ours.bucket_of(filled), ignore_errors=True)
    return compacted


def _full_name_bytes() -> float:
    """Bytes of an event that repeats every field of its batch and envelope, in full names."""
    events = list(full_names(FULL_NAMES_SAMPLE))
    return sum(len(msgspec.json.encode(event)) for event in events) / len(events)


def _say(what: str) -> None:
    print(f"… {what}", flush=True)


if __name__ == "__main__":
    main()
