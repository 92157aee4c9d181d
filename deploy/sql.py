"""A prompt for SQL, or one statement: rows, seconds, bytes scanned and what Athena would have charged."""

import math
import readline
import sys

from deploy import query
from deploy.paths import VAR
from deploy.stack import Stack
from deploy.table_text import render, width

# Athena's price list: 5 dollars a terabyte, each query rounded up to a megabyte and never less than 10 of them.
DOLLARS_PER_TERABYTE = 5.0
MEGABYTE, TERABYTE = 1024**2, 1024**4
MEGABYTES_MIN = 10
HISTORY = VAR / "sql_history"
WELCOME = """Tables of lake.eyeshot: events, rejected. A statement ends with a semicolon; quit with Ctrl-D.
A query on events names its days, for example:
  SELECT link, count(*) AS impressions FROM events WHERE year = '2026' AND month = '11' GROUP BY link;"""


def athena_dollars(scanned: int) -> float:
    """What Athena charges for a query that read so many bytes."""
    megabytes = max(MEGABYTES_MIN, math.ceil(scanned / MEGABYTE))
    return megabytes * MEGABYTE / TERABYTE * DOLLARS_PER_TERABYTE


def run(stack: Stack, statement: str) -> int:
    """Prints one statement's rows and cost; returns 0, or 1 after saying why it was refused."""
    try:
        result = query.run(stack, statement.strip().rstrip(";"))
    except query.QueryFailed as refused:
        print(refused, file=sys.stderr)
        return 1
    if result.columns:
        print(render(result.columns, result.rows, width()))
    rows = f"{len(result.rows):,} row{'' if len(result.rows) == 1 else 's'}"
    scanned = f"{result.scanned:,} bytes scanned"
    print(f"\n{rows} in {result.seconds:.2f} s, {scanned}; Athena would charge ${athena_dollars(result.scanned):.6f}")
    return 0


def prompt(stack: Stack) -> int:
    """Reads statements until the input ends; an interrupted one is dropped."""
    print(WELCOME)
    HISTORY.parent.mkdir(parents=True, exist_ok=True)
    if HISTORY.exists():
        readline.read_history_file(HISTORY)
    try:
        _read_statements(stack)
    finally:
        readline.write_history_file(HISTORY)
    return 0


def _read_statements(stack: Stack) -> None:
    lines: list[str] = []
    while True:
        try:
            line = input("   ...> " if lines else "eyeshot> ")
        except EOFError:
            print()
            return
        except KeyboardInterrupt:
            print()
            lines = []
            continue
        if not lines and line.strip().lower() in {"quit", "exit", "quit;", "exit;"}:
            return
        lines += [line] if line.strip() else []
        if line.rstrip().endswith(";"):
            run(stack, "\n".join(lines))
            lines = []
