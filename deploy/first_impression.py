"""One impression sent through the whole stack, and its row as SQL gives it back."""

import json
import secrets
import time
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import urllib3

from deploy import browser, query
from deploy.patience import until
from deploy.stack import Stack

ARRIVE_SECONDS = 120.0
ONE_ROW = """
    SELECT * FROM events
    WHERE ((year = ? AND month = ? AND day = ?) OR (year = ? AND month = ? AND day = ?)) AND page_view_id = ?
    LIMIT 1"""


class NotYet(Exception):
    """The row is not there; the text says how far it is."""


class NotAccepted(Exception):
    """The collector did not take the batch; the text is its answer."""


def by_http(stack: Stack) -> browser.Reading:
    """Posts one batch as a browser would, where there is no browser."""
    now = time.time_ns() // 1_000_000
    page_view = secrets.token_urlsafe(16)
    event = {"et": "link_impression", "ts": now, "l": f"{stack.page_url}/first", "pl": "inline", "vr": 1.0, "vd": 1000}
    batch = {"s": "demo", "p": stack.page_url, "pv": page_view, "so": "page", "n": 0, "st": now, "e": [event]}
    answer = urllib3.request(
        "POST",
        f"{stack.collector_url}/v1/events",
        body=json.dumps(batch),
        headers={"Content-Type": "text/plain"},
        timeout=10,
        retries=False,
    )
    if answer.status != 202:
        raise NotAccepted(f"the collector answered {answer.status}: {answer.data.decode(errors='replace')}")
    return browser.Reading(page_view, [event], now, now)


def row(stack: Stack, reading: browser.Reading) -> tuple[dict[str, Any], float]:
    """Waits for the first row of a page view; returns it, and the seconds from the browser's event to SQL.

    Raises GaveUp when it does not come.
    """

    def look() -> dict[str, Any]:
        try:
            found = query.run(stack, ONE_ROW, [*days(stack, reading), reading.page_view_id])
        except query.QueryFailed as refused:
            if "TABLE_NOT_FOUND" in str(refused) or "SCHEMA_NOT_FOUND" in str(refused):
                raise NotYet("the table is not there yet") from refused
            raise
        if not found.rows:
            raise NotYet("the compactor has not written its file yet")
        return dict(zip(found.columns, found.rows[0], strict=True))

    there = until("the first impression", look, ARRIVE_SECONDS, NotYet)
    return there, time.time() - there["timestamp"] / 1000


def days(stack: Stack, reading: browser.Reading) -> list[str]:
    """Year, month and day of the partitions its events can be in: that of its start, and today's."""
    zone = ZoneInfo(stack.time_zone)
    first, last = datetime.fromtimestamp(reading.started_at_ms / 1000, zone), datetime.now(zone)
    return [part for day in (first, last) for part in (f"{day:%Y}", f"{day:%m}", f"{day:%d}")]
