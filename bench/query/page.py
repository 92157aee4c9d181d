"""The last run's JSON in; its tables in docs/performance.md, its plots in docs/plots: `python -m bench.query.page`."""

import json

from bench.query import plots, tables
from deploy.paths import ROOT

RESULT = ROOT / "bench" / "results" / "query.json"
PAGE = ROOT / "docs" / "performance.md"
PLOTS = ROOT / "docs" / "plots"
BEGIN, END = "<!-- bench.query.page: begin -->", "<!-- bench.query.page: end -->"


def main() -> None:
    """Write both."""
    result = json.loads(RESULT.read_text())
    PAGE.write_text(with_block(PAGE.read_text(), block(result)))
    PLOTS.mkdir(exist_ok=True)
    for name, chart in plots.charts(result).items():
        (PLOTS / f"{name}.svg").write_text(plots.svg(chart))
    print(f"wrote {PAGE} and {PLOTS}")


def block(result: tables.Result) -> str:
    """What stands between the marks."""
    shown = (f"![{chart.title}](plots/{name}.svg)" for name, chart in plots.charts(result).items())
    return "\n".join([*tables.lines(result), "", *shown])


def with_block(page: str, text: str) -> str:
    """The page with this between its marks. Raises ValueError when it has none."""
    before, begun, rest = page.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended:
        raise ValueError(f"the page has no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n{text}\n{END}{after}"


if __name__ == "__main__":
    main()
