"""A run's JSON in; its bar charts as SVG out. Pure."""

import math
from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple

MB = 1_000_000
WIDTH, BAR, GAP, LEFT, RIGHT, TOP = 720, 22, 8, 240, 90, 40


class Chart(NamedTuple):
    """Bars with a name and a value each; `log` draws their logarithms, from a tenth of the least on."""

    title: str
    unit: str
    bars: Sequence[tuple[str, float]]
    log: bool = False


def charts(result: dict[str, Any]) -> dict[str, Chart]:
    """Those of docs/performance.md, by the names of their files."""
    detail = result["detail"]
    columns, files, registration = detail["columns"], detail["files"], detail["registration"]
    read = [
        ("Parquet, 1 column", columns["trino"]["one"]["bytes"]),
        ("Parquet, 2 columns", columns["trino"]["two"]["bytes"]),
        ("Parquet, all columns", columns["trino"]["all"]["bytes"]),
        ("PostgreSQL, an index for it", columns["row_store"]["by_index"]["bytes"]),
        ("PostgreSQL", columns["row_store"]["by_table"]["bytes"]),
    ]
    asked = [(f"{day['files']:,} files", day["cost"]["seconds"]) for day in files["days"]]
    asked.append((f"merged: {files['merge']['files']:,}", files["merge"]["after"]["seconds"]))
    planned = [(f"{each['partitions']:,} days", each["one_day_seconds"]) for each in registration["planning"]]
    return {
        "query-bytes": Chart(
            "Read to group a month by page", "MB", [(name, size / MB) for name, size in read], log=True
        ),
        "query-files": Chart("A query of a day, by the number of its files", "s", asked),
        "query-planning": Chart("Planning a query of one day, by the days in the metastore", "s", planned),
    }


def svg(chart: Chart) -> str:
    """The chart; text says every value, so that nothing depends on a scale."""
    height = TOP + len(chart.bars) * (BAR + GAP) + GAP
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        ' font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="{GAP}" y="22" font-weight="bold" fill="#222">{escape(_heading(chart))}</text>',
    ]
    for number, ((name, value), length) in enumerate(zip(chart.bars, _lengths(chart), strict=True)):
        y = TOP + number * (BAR + GAP)
        text = y + BAR * 0.7
        drawn += [
            f'<text x="{LEFT - GAP}" y="{text:.1f}" text-anchor="end" fill="#222">{escape(name)}</text>',
            f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" fill="#4472a8"/>',
            f'<text x="{LEFT + length + GAP:.1f}" y="{text:.1f}" fill="#222">{_number(value)}</text>',
        ]
    return "\n".join([*drawn, "</svg>\n"])


def _heading(chart: Chart) -> str:
    return f"{chart.title} ({chart.unit}{', logarithmic' if chart.log else ''})"


def _lengths(chart: Chart) -> list[float]:
    values = [value for _, value in chart.bars]
    if chart.log:
        least = min(values)
        values = [math.log10(value / least) + 1 for value in values]
    most = max(values)
    return [(WIDTH - LEFT - RIGHT) * value / most for value in values]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
