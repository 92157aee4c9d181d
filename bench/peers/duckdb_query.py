"""What DuckDB takes to answer; arguments: how often each statement is asked, statements."""

import json
import sys
import time
from pathlib import Path

import duckdb


def main() -> None:
    """Print a list of {seconds: [...], bytes: read the last time}; the first time of each does not count."""
    rounds, *statements = sys.argv[1:]
    with duckdb.connect() as connection:
        print(json.dumps([_ask(connection, statement, int(rounds)) for statement in statements]))


def _ask(connection: duckdb.DuckDBPyConnection, statement: str, rounds: int) -> dict[str, object]:
    seconds, read = [], 0
    for _ in range(rounds + 1):
        begun, before = time.perf_counter(), _bytes_read()
        connection.execute(statement).fetchall()
        seconds.append(time.perf_counter() - begun)
        read = _bytes_read() - before
    return {"seconds": seconds[1:], "bytes": read}


def _bytes_read() -> int:
    """By all reads of this process, from the disk or from its cache."""
    return int(Path("/proc/self/io").read_text().split("rchar: ")[1].split()[0])


if __name__ == "__main__":
    main()
