"""What runs came to in; lines to read, and one for machines, out."""

from tests.chaos.collector.run import Outcome


def run_line(number: int, outcome: Outcome, seconds: float) -> str:
    """One run."""
    clients = ", ".join(f"{count:,} {name}" for name, count in sorted(outcome.clients.items()))
    return (
        f"run {number}: {outcome.faults.total()} faults in {seconds:.0f} s; batches: {clients}; "
        f"{outcome.stored:,} records, {outcome.repeated:,} of them again; "
        f"lost {outcome.lost}, phantom {outcome.phantom}"
    )


def table(outcome: Outcome) -> str:
    """Faults of each kind."""
    width = max(map(len, outcome.faults), default=0)
    return "\n".join(f"  {kind:{width}} {count:6,}" for kind, count in sorted(outcome.faults.items()))


def last_line(runs: int, outcome: Outcome) -> str:
    """The result."""
    return f"runs={runs} faults={outcome.faults.total()} lost={outcome.lost} phantom={outcome.phantom}"
