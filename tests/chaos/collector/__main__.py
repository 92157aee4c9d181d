"""Put collectors under fire, run after run; a table and the line `runs=… faults=… lost=… phantom=…` out."""

import argparse
import asyncio
import shutil
import sys
import time
from random import Random

from deploy.paths import VAR
from deploy.preflight import lacking
from tests.chaos.collector import report
from tests.chaos.collector.run import Outcome, run_once
from tests.chaos.collector.schedule import schedule
from tests.chaos.collector.shim import NoCompiler, compiled
from tests.chaos.collector.started import MISTAKES
from tests.chaos.collector.world import Broker, impossible

FOLDER = VAR / "chaos" / "collector"


def main() -> int:
    """Exit status: 0 when nothing was lost and nothing came from nowhere, 1 when something was, 2 if it cannot run."""
    options = _options().parse_args()
    if absent := lacking(FOLDER):
        print("; ".join(absent), file=sys.stderr)
        return 2
    try:
        total = asyncio.run(_runs(options))
    except NoCompiler as error:
        print(error, file=sys.stderr)
        return 2
    print(report.table(total))
    print(report.last_line(options.runs, total))
    return 1 if total.lost or total.phantom else 0


async def _runs(options: argparse.Namespace) -> Outcome:
    FOLDER.mkdir(parents=True, exist_ok=True)
    library, without = compiled(), impossible(FOLDER)
    total = Outcome()
    broker = Broker(FOLDER / "broker")
    try:
        await broker.start()
        for number in range(options.first, options.first + options.runs):
            planned = schedule(
                options.seed,
                number,
                faults=options.faults,
                away_seconds=options.away_seconds,
                gap_seconds=options.gap_seconds,
                without=without,
            )
            started = time.monotonic()
            outcome = await run_once(
                broker,
                library,
                FOLDER / "run",
                planned,
                name=f"events-{number}",
                random=Random(f"{options.seed} {number} clients"),
                mistake=options.control,
            )
            print(report.run_line(number, outcome, time.monotonic() - started), flush=True)
            total.add(outcome)
    finally:
        await broker.stop()
    shutil.rmtree(FOLDER)
    return total


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make chaos-collector", description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=1, help="number of the first run, to repeat one of many")
    parser.add_argument("--faults", type=int, default=60, help="of one run")
    parser.add_argument("--away-seconds", type=float, default=75, help="how long the broker is away in each run")
    parser.add_argument("--gap-seconds", type=float, default=1.2, help="between two faults while it is there")
    parser.add_argument("--control", choices=MISTAKES, help="a collector with this mistake, which must lose")
    return parser


if __name__ == "__main__":
    sys.exit(main())
