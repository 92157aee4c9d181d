"""`make chaos-compactor RUNS=N SEED=S`: runs one after the other on one Kafka and one S3, and the sum of them."""

import argparse
import asyncio
import shutil
import sys
import time

from deploy.paths import VAR
from tests.chaos.compactor.cast import Subject
from tests.chaos.compactor.proof import Outcome
from tests.chaos.compactor.run import Run
from tests.chaos.compactor.schedule import schedule
from tests.chaos.report import Tally, render
from tests.chaos.stage import Stage, staged

STATE = VAR / "chaos" / "compactor"


def main() -> int:
    """Exit status: 0 when every run is proved; with the naive control, when the harness found what is wrong with it."""
    asked = _asked()
    subject: Subject = "naive" if asked.control else "real"
    total, wrong = Tally(), []
    with staged(STATE, sql=asked.sql and subject == "real") as stage:
        for seed in range(asked.seed, asked.seed + asked.runs):
            outcome = _one(stage, seed, subject, asked)
            total.add(outcome.tally)
            wrong += [seed] if outcome.complaints else []
    _say(subject, total, wrong)
    return int(total.exact) if subject == "naive" else int(bool(wrong))


def _one(stage: Stage, seed: int, subject: Subject, asked: argparse.Namespace) -> Outcome:
    """One run, said in a few lines. The logs of one that is proved are not kept."""
    planned = schedule(seed, asked.seconds, asked.faults)
    print(f"seed {seed}: {planned.compactors} compactors, {len(planned.faults)} faults by the clock, more on the way")
    for fault in planned.faults if asked.plan else ():
        print(f"  {fault.at_seconds:6.2f} s {fault.kind} {fault.target} {fault.seconds or ''}")
    started = time.monotonic()
    run = Run(stage, planned, subject, with_sql=asked.sql and subject == "real")
    outcome = asyncio.run(run.run())
    result = "WRONG" if outcome.complaints else "proved"
    took = f"{result} after {time.monotonic() - started:.0f} s"
    print(f"  {took}: {outcome.tally.faults.total()} faults; {'; '.join(outcome.notes)}")
    for complaint in outcome.complaints:
        print(f"  ! {complaint}")
    sys.stdout.flush()
    for log in () if outcome.complaints else run.logs:
        log.unlink()
    return outcome


def _say(subject: Subject, total: Tally, wrong: list[int]) -> None:
    """The sum of all runs, and where to look when something is wrong."""
    print(f"\nAll runs of the {subject} compactor:")
    if wrong:
        print(f"  wrong: seeds {', '.join(map(str, wrong))}. One again: make chaos-compactor RUNS=1 SEED={wrong[0]}")
        print(f"  the logs of these runs are in {STATE / 'logs'}")
    else:
        shutil.rmtree(STATE)
    print(render(total), flush=True)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.compactor", description=__doc__)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1, help="of the first run; each further run takes the next")
    parser.add_argument("--seconds", type=float, default=24.0, help="how long things break in a run")
    parser.add_argument("--faults", type=int, default=45, help="a run goes on until so many took place")
    parser.add_argument("--control", choices=("naive",), help="judge the naive compactor instead: it must fail")
    parser.add_argument("--no-sql", dest="sql", action="store_false", help="leave Trino out")
    parser.add_argument("--plan", action="store_true", help="print every run's schedule")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
