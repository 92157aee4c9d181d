"""DuckDB's way from a file of JSON lines to a Parquet file; arguments: the SELECT with its FROM, target, options."""

import json
import sys
import time

import duckdb


def main() -> None:
    """Print the seconds of processor time it took, on one thread."""
    select, target, options = sys.argv[1:]
    with duckdb.connect(config={"threads": 1}) as connection:
        begun = time.process_time()
        connection.execute(f"COPY ({select}) TO '{target}' ({options})")
        print(json.dumps({"cpu_seconds": time.process_time() - begun}))


if __name__ == "__main__":
    main()
