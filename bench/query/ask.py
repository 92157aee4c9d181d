"""A statement in; seconds and bytes of its answer out, from Trino, DuckDB and PostgreSQL."""

import json
import statistics
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bench.query.place import WRITABLE, Place
from bench.tables import PEERS
from deploy import query
from deploy.paths import ROOT
from deploy.stack import CATALOG

ROUNDS = 3
SECONDS_MAX = 1_800


class Cost(NamedTuple):
    """What an answer took: median seconds after a first one that does not count, and bytes read."""

    seconds: float
    bytes: int


def trino(place: Place, schema: str, statement: str, *, rounds: int = ROUNDS, writable: bool = False) -> Cost:
    """Asked so often, once before that; Trino's own account of the last."""
    where = (WRITABLE if writable else CATALOG, schema)
    answers = [query.run(place.stack, statement, place=where) for _ in range(rounds + 1)]
    return Cost(statistics.median(answer.seconds for answer in answers[1:]), answers[-1].scanned)


def execute(place: Place, schema: str, statement: str, *, writable: bool = True) -> query.Result:
    """Once."""
    return query.run(place.stack, statement, place=(WRITABLE if writable else CATALOG, schema))


def duckdb(statements: Sequence[str]) -> list[Cost]:
    """The same of DuckDB on files of this machine, in a process of its own."""
    command = [str(PEERS), "-m", "bench.peers.duckdb_query", str(ROUNDS), *statements]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=SECONDS_MAX, check=False)
    if done.returncode:
        raise RuntimeError(f"DuckDB failed: {done.stderr.decode(errors='replace')[-2_000:]}")
    return [Cost(statistics.median(said["seconds"]), said["bytes"]) for said in json.loads(done.stdout)]


def parquet(folder: Path) -> str:
    """A FROM of all Parquet files below a folder, for DuckDB."""
    return f"read_parquet('{folder}/**/*.parquet', hive_partitioning = false)"
