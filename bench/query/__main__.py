"""Measure what the lake's layout is worth to a query, on parts of its own: `python -m bench.query [--scale 0.1]`.

Prints tables, writes bench/results/query.json. On a busy machine only the ratios mean something.
"""

import argparse
import json
import os
import time

from bench.machine import described
from bench.query import columns, crawl, files, registration, report, rows, tables
from bench.query.page import RESULT
from bench.query.place import Place, running

ROWS = 10_000_000


def main() -> None:
    """Run everything and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full data")
    scale = parser.parse_args().scale
    load = os.getloadavg()[0]
    with running() as place:
        measured = _measured(place, scale)
    where = described((load, os.getloadavg()[0]))
    result = report.numbers(measured) | {"detail": where | report.detail(measured)}
    print("\n".join(tables.lines(result)))
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(f"\nwrote {RESULT}; `python -m bench.query.page` puts it into docs/performance.md")


def _measured(place: Place, scale: float) -> report.Measured:
    _say("making events")
    made = rows.template()
    _say("columns, days, JSON, PostgreSQL")
    by_columns = columns.measure(place, made, round(ROWS * scale))
    _say("files, and a merge under queries")
    by_files = files.measure(place, made, scale)
    _say("partitions")
    return report.Measured(scale, by_columns, by_files, registration.measure(place), crawl.measure(place))


def _say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} … {what}", flush=True)


if __name__ == "__main__":
    main()
