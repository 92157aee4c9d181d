"""A real browser reads the demo page; then its impressions by link as SQL gives them, and a picture of the page."""

from rich.console import Console

from deploy import browser, query
from deploy.first_impression import NotYet, days, row
from deploy.paths import VAR
from deploy.patience import until
from deploy.stack import Stack
from deploy.table_text import render, width

SCREENSHOT = VAR / "demo.png"
ARRIVE_SECONDS = 60.0
BY_LINK = """
    SELECT placement, event_type, coalesce(url_extract_path(link), widget) AS link, count(*) AS events,
        max(visible_ms) AS visible_ms
    FROM events
    WHERE ((year = ? AND month = ? AND day = ?) OR (year = ? AND month = ? AND day = ?)) AND page_view_id = ?
        AND event_type <> 'page_end'
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3"""


def run(stack: Stack, console: Console) -> None:
    """Raises NoBrowser, ReadFailed, GaveUp or QueryFailed."""
    console.print("A headless Chromium reads the demo page …")
    reading = browser.read(stack.page_url, SCREENSHOT)
    console.print(
        f"  it saw {len(reading.seen)} links and widgets, and left; page view {reading.page_view_id}", highlight=False
    )
    _, seconds = row(stack, reading)

    def all_there() -> query.Result:
        result = query.run(stack, BY_LINK, [*days(stack, reading), reading.page_view_id])
        arrived = sum(line[3] for line in result.rows)
        if arrived < len(reading.seen):
            raise NotYet(f"{arrived} of {len(reading.seen)} events are in the table")
        return result

    result = until("the rest of the page view", all_there, ARRIVE_SECONDS, NotYet)
    console.print(f"  its first row was in SQL {seconds:.1f} s after the browser saw the link\n", highlight=False)
    print(render(result.columns, result.rows, width()))
    console.print(f"\nScreenshot: {SCREENSHOT}", highlight=False, soft_wrap=True)
