"""The same rows in PostgreSQL; what it reads, and how long, to answer by the table or by an index made for it."""

import io
import json
import os
import statistics
import subprocess
from collections.abc import Iterable
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from bench.query.ask import ROUNDS, Cost
from bench.query.place import Place
from deploy.native import tools
from deploy.stack import HOST
from eyeshot.table import EVENTS

BLOCK_BYTES = 8192
DATABASE = "rows"
TYPES = {
    "string": "text",
    "bigint": "bigint",
    "int": "integer",
    "double": "double precision",
    "array<int>": "integer[]",
    "timestamp": "timestamp",
}
QUESTION = "SELECT page, count(*) FROM events GROUP BY page"


class RowStore(NamedTuple):
    """What was measured; `table_bytes` is the table alone."""

    by_table: Cost
    by_index: Cost
    table_bytes: int


def measure(place: Place, tables: Iterable[pa.Table]) -> RowStore:
    """Fill a table, ask, then make an index on page and ask again."""
    _psql(place, "postgres", f"CREATE DATABASE {DATABASE}")
    _fill(place, tables)
    by_table = _asked(place)
    size = int(_psql(place, DATABASE, "SELECT pg_relation_size('events')"))
    _psql(place, DATABASE, "CREATE INDEX ON events (page)")
    _psql(place, DATABASE, "VACUUM ANALYZE events")
    by_index = _asked(place)
    _psql(place, "postgres", f"DROP DATABASE {DATABASE}")
    return RowStore(by_table, by_index, size)


def columns() -> str:
    """The table's columns as PostgreSQL declares them."""
    return ", ".join(f'"{column.name}" {TYPES[column.type]}' for column in EVENTS.columns)


def as_text(table: pa.Table) -> pa.Table:
    """Lists as PostgreSQL writes them, everything else as it is."""
    for place, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            joined = pc.binary_join(table[field.name].cast(pa.list_(pa.string())), ",")
            table = table.set_column(place, field.name, pc.binary_join_element_wise("{", joined, "}", ""))
    return table


def blocks(plan: dict[str, Any]) -> int:
    """Shared blocks that a plan read, found in memory or not."""
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def _fill(place: Place, tables: Iterable[pa.Table]) -> None:
    """Not logged, and frozen as it comes: what it costs to write is not the question."""
    create = f"CREATE UNLOGGED TABLE events ({columns()})"
    copy = "COPY events FROM STDIN WITH (FORMAT csv, FREEZE)"
    command, environment = _command(place, DATABASE)
    for statement in ("BEGIN", create, copy, "COMMIT"):
        command += ["--command", statement]
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment) as psql:
        assert psql.stdin
        for table in tables:
            sink = io.BytesIO()
            pyarrow.csv.write_csv(as_text(table), sink, pyarrow.csv.WriteOptions(include_header=False))
            psql.stdin.write(sink.getvalue())
        psql.stdin.close()
        assert psql.wait() == 0, "PostgreSQL did not take the rows"
    _psql(place, DATABASE, "VACUUM ANALYZE events")


def _asked(place: Place) -> Cost:
    """As Trino is asked: once before, then so often."""
    plans = [
        json.loads(_psql(place, DATABASE, f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {QUESTION}"))[0]
        for _ in range(ROUNDS + 1)
    ]
    seconds = statistics.median(plan["Execution Time"] / 1000 for plan in plans[1:])
    return Cost(seconds, blocks(plans[-1]["Plan"]) * BLOCK_BYTES)


def _psql(place: Place, database: str, statement: str) -> str:
    command, environment = _command(place, database)
    done = subprocess.run([*command, "--command", statement], env=environment, check=True, stdout=subprocess.PIPE)
    return done.stdout.decode().strip()


def _command(place: Place, database: str) -> tuple[list[str], dict[str, str]]:
    stack = place.stack
    environment = {
        **os.environ,
        "PGHOST": HOST,
        "PGPORT": str(stack.ports["POSTGRES_PORT"]),
        "PGPASSWORD": stack.variables["POSTGRES_PASSWORD"],
    }
    options = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"]
    return [str(tools.find("psql")), *options, "--username", "postgres", "--dbname", database], environment
