"""What a real browser reports as seen on the demo page is in SQL, each thing once."""

import json
import os
import subprocess
from collections.abc import Callable

import pytest

from deploy import browser
from deploy.paths import VAR
from deploy.patience import until
from tests.builders import batch, event
from tests.running import ARRIVE_SECONDS, NotYet, Row, RunningStack

INLINE = ["pharos", "cordouan", "fresnel", "range", "loom", "rhythm", "log"]
IN_WIDGET = ["night", "fog", "dark"]
UNAUTHENTICATED_FRAME = 16
FACTS = ["event_type", "link", "label", "placement", "widget", "visible_ms", "source", "sequence"]
LAST = "nothing_more"
FINAL_COUNT = "page_end"

Read = Callable[..., browser.Reading]


@pytest.fixture(scope="module")
def read(stack: RunningStack) -> Read:
    """Reads the demo page in Chromium; skips, saying why, where there is none."""

    def run(*options: str) -> browser.Reading:
        command = ["node", str(browser.READER), "--page", stack.stack.page_url, "--json", *options]
        ran = subprocess.run(command, check=False, capture_output=True, text=True, timeout=browser.READ_SECONDS)
        if ran.returncode == browser.NO_BROWSER_STATUS and not os.environ.get("CI"):
            pytest.skip(ran.stderr.strip())
        assert ran.returncode == 0, ran.stderr
        return browser.Reading(**json.loads(ran.stdout))

    return run


@pytest.fixture(scope="module")
def reading(read: Read) -> browser.Reading:
    return read("--screenshot", str(VAR / "e2e.png"))


@pytest.fixture(scope="module")
def rows(stack: RunningStack, reading: browser.Reading) -> list[Row]:
    return _all_rows(stack, reading)


def _all_rows(stack: RunningStack, reading: browser.Reading) -> list[Row]:
    """A last event follows the page view's others through their Kafka partition: with it, all of them are there."""
    stack.send(batch(pv=reading.page_view_id, so="widget9999", n=0, e=[event(et=LAST)]))

    def all_there() -> list[Row]:
        found = stack.rows(reading.page_view_id)
        if all(row["event_type"] != LAST for row in found):
            raise NotYet(f"{len(found)} rows are there, and the last event is not")
        return [row for row in found if row["event_type"] not in (LAST, FINAL_COUNT)]

    return until("the last event", all_there, ARRIVE_SECONDS, NotYet)


def test_the_reader_sees_every_link_of_the_page_and_of_the_widget_once(reading: browser.Reading) -> None:
    seen = [(each["placement"], each["label"]) for each in reading.seen if each["event_type"] == "link_impression"]

    assert sorted(seen) == sorted([("inline", each) for each in INLINE] + [("widget", each) for each in IN_WIDGET])
    assert [each["widget"] for each in reading.seen if each["event_type"] == "widget_impression"] == [
        "more-about-lights"
    ]


def test_exactly_what_was_seen_is_in_sql(reading: browser.Reading, rows: list[Row]) -> None:
    arrived = [[row[fact] for fact in FACTS] for row in rows]
    seen = [[each[fact] for fact in FACTS] for each in reading.seen]

    assert sorted(arrived, key=str) == sorted(seen, key=str)


def test_a_row_tells_where_when_and_in_which_browser(
    stack: RunningStack, reading: browser.Reading, rows: list[Row]
) -> None:
    for row in rows:
        assert row["site"] == "demo"
        assert row["page"].rstrip("/") == stack.stack.page_url
        assert "Chrom" in row["user_agent_browser"]
        assert row["ip_prefix"] == "127.0.0.0/24"
        assert reading.started_at_ms + 1000 <= row["timestamp"] <= reading.left_at_ms
        assert row["visible_ms"] >= 1000
        assert row["visible_ratio"] >= 0.49


def test_the_widget_reported_through_the_page(rows: list[Row]) -> None:
    in_widget = [row for row in rows if row["placement"] == "widget"]

    assert [row["sequence"] for row in in_widget] == [0, 1, 2, 3]
    assert {row["source"] for row in in_widget} == {"widget1"}
    assert not any((row["quality"] or 0) & UNAUTHENTICATED_FRAME for row in in_widget)


def test_a_click_that_leaves_the_page_is_a_row_too(stack: RunningStack, read: Read) -> None:
    reading = read("--click")

    clicks = [row for row in _all_rows(stack, reading) if row["event_type"] == "link_click"]

    assert [(row["label"], row["placement"], row["visible_ms"]) for row in clicks] == [("pharos", "inline", None)]
    assert clicks[0]["link"] == f"{stack.stack.page_url}/story/pharos"
