"""A run's JSON in; the tables of docs/performance.md out. Pure."""

from collections.abc import Iterator
from typing import Any

MB = 1_000_000
Result = dict[str, Any]


def lines(result: Result) -> Iterator[str]:
    """Markdown: what was run, then a table for each question."""
    yield from _head(result)
    for table in (_columns, _files, _partitions):
        yield ""
        yield from table(result["detail"])


def _head(result: Result) -> Iterator[str]:
    detail = result["detail"]
    scale = "" if detail["scale"] == 1 else f" SCALE={detail['scale']:g}"
    before, after = detail["load_average"]
    yield (
        f"`make bench-query{scale}`, {detail['date'][:10]}, commit {detail['commit']}, {detail['machine']},"
        f" load average {before:.1f} to {after:.1f}."
    )
    yield ""
    yield "| | |"
    yield "|---|---|"
    for name, value in result.items():
        if name != "detail":
            yield f"| `{name}` | {value:g} |"


def _columns(detail: Result) -> Iterator[str]:
    columns = detail["columns"]
    rows, day_rows = columns["rows"], columns["day_rows"]
    yield f"**Columns**: {rows:,} rows, 30 days of a file each, {columns['bytes'] / rows:.1f} bytes a row."
    yield ""
    yield "| what is read | Trino reads, MB | seconds | DuckDB reads, MB | seconds |"
    yield "|---|---|---|---|---|"
    for name, title in (("one", "1 column"), ("two", "2 columns"), ("all", "all columns")):
        yield f"| {title} of 30 days | {_cost(columns['trino'][name])} | {_cost(columns['duckdb'][name])} |"
    yield f"| 2 columns, reading on over gaps of 1 MB (Trino's default) | {_cost(columns['two_merged'])} | | |"
    yield f"| 1 column of one day | {_cost(columns['day'])} | | |"
    yield f"| the same day as JSON lines | {_cost(columns['json']['cost'])} | | |"
    yield f"| the same, gzipped | {_cost(columns['json_gzip']['cost'])} | | |"
    store = columns["row_store"]
    yield ""
    yield "| PostgreSQL, 1 column of 30 days | reads, MB | seconds |"
    yield "|---|---|---|"
    yield f"| by the table ({_mb(store['table_bytes'])} MB) | {_cost(store['by_table'])} |"
    yield f"| by an index made for the question | {_cost(store['by_index'])} |"
    yield ""
    yield (
        f"A row takes {columns['day_bytes'] / day_rows:.1f} bytes in Parquet, {columns['json']['size'] / day_rows:.0f}"
        f" as a line of JSON, {columns['json_gzip']['size'] / day_rows:.1f} gzipped,"
        f" {store['table_bytes'] / rows:.0f} in PostgreSQL."
    )


def _files(detail: Result) -> Iterator[str]:
    files = detail["files"]
    merge = files["merge"]
    yield f"**Files**: the same {files['rows']:,} rows of a day."
    yield ""
    yield "| files | MB | a query reads, MB | seconds |"
    yield "|---|---|---|---|"
    for day in files["days"]:
        yield f"| {day['files']:,} | {_mb(day['bytes'])} | {_cost(day['cost'])} |"
    yield f"| {merge['files']:,}, merged by the keeper | {_mb(merge['bytes'])} | {_cost(merge['after'])} |"
    answers = merge["answers"]
    yield ""
    yield (
        f"Merged while {merge['clients']} clients asked for the day: {answers['right']:,} right answers,"
        f" {answers['wrong']} wrong ones, {answers['failed']} queries that failed. The merge took"
        f" {merge['merged_seconds']:.1f} s beside them, and {merge['swapped_seconds']:.1f} s later the metastore named"
        " the new file."
    )


def _partitions(detail: Result) -> Iterator[str]:
    registration, crawl = detail["registration"], detail["crawl"]
    yield (
        f"**Partitions**: a day was in the metastore {registration['p50_ms']:.0f} ms after its manifest (median of"
        f" {registration['manifests']}), {registration['p99_ms']:.0f} ms at the 99th percentile, with a look at the log"
        " every second."
    )
    yield ""
    yield "| days | registered from nothing, s | planning a query of one day, s | of all days, s |"
    yield "|---|---|---|---|"
    for each in registration["planning"]:
        seconds = (each[name] for name in ("registered_seconds", "one_day_seconds", "every_day_seconds"))
        yield f"| {each['partitions']:,} | {' | '.join(f'{value:.2f}' for value in seconds)} |"
    yield ""
    yield (
        f"`sync_partition_metadata` took {crawl['all_seconds']:.1f} s for {crawl['folders']:,} folders that were new,"
        f" {crawl['one_seconds']:.1f} s for a single new one beside them, {crawl['none_seconds']:.1f} s for none."
    )


def _cost(cost: Result) -> str:
    return f"{_mb(cost['bytes'])} | {cost['seconds']:.2f}"


def _mb(size: float) -> str:
    return f"{size / MB:,.2f}" if size < 10 * MB else f"{size / MB:,.0f}"
