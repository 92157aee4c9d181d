"""What goes in at the collector or the topic comes out by SQL."""

import json
import secrets

import pytest

from deploy import query
from deploy.native.supervisor import processes
from deploy.parts import NAMES
from tests.builders import batch, encoded, event, single
from tests.running import RunningStack


def _page_view() -> str:
    return secrets.token_urlsafe(16)


def test_an_event_posted_to_the_collector_is_a_row(stack: RunningStack) -> None:
    page_view = _page_view()
    sent = event(l="https://shop.example/x?q=1", lb="Shöp", vr=0.75, vd=1234, q=2, x={"slot": 3})
    assert stack.post(batch(pv=page_view, n=7, e=[sent])).status == 202

    (row,) = stack.rows(page_view)

    assert row["link"] == "https://shop.example/x"  # the site keeps no query string
    assert row["label"] == "Shöp"
    assert row["event_type"] == "link_impression"
    assert row["timestamp"] == sent["ts"]
    assert (row["visible_ratio"], row["visible_ms"], row["quality"]) == (0.75, 1234, 2)
    assert (row["source"], row["sequence"], row["batch_index"]) == ("page", 7, 0)
    assert row["viewport"] == [1280, 720]
    assert json.loads(row["properties"]) == {"slot": 3}
    assert row["ip_prefix"] == "127.0.0.0/24"


def test_a_field_that_nobody_declared_is_kept_in_extra(stack: RunningStack) -> None:
    page_view = _page_view()
    stack.send(batch(pv=page_view, campaign="spring", e=[event(colour="red")]))

    (row,) = stack.rows(page_view)

    assert "spring" in row["extra"]
    assert "red" in row["extra"]


def test_an_event_produced_straight_to_the_topic_is_a_row(stack: RunningStack) -> None:
    page_view = _page_view()
    stack.produce(encoded(single(page_view_id=page_view, source="page", sequence=0)))

    (row,) = stack.rows(page_view)

    assert row["event_type"] == "mail_opened"


def test_a_record_that_is_no_event_is_a_row_of_rejected_and_stops_nothing(stack: RunningStack) -> None:
    raw, page_view = b"not json " + secrets.token_hex(4).encode(), _page_view()
    stack.produce(raw)
    stack.send(batch(pv=page_view))

    assert stack.rows(page_view)
    assert stack.rejected(raw)["reason"]


def test_a_body_that_is_no_batch_is_answered_with_the_place_of_its_error(stack: RunningStack) -> None:
    answer = stack.post(batch(e=[event(ts="yesterday")]))

    assert answer.status in {202, 400}
    assert b"ts" in answer.data or b"timestamp" in answer.data


def test_a_query_that_names_no_day_is_refused_and_told_what_to_add(stack: RunningStack) -> None:
    with pytest.raises(query.QueryFailed, match="year = "):
        query.run(stack.stack, "SELECT count(*) FROM events")


def test_today_and_tomorrow_are_in_the_metastore_before_any_event_of_theirs(stack: RunningStack) -> None:
    days = query.run(stack.stack, 'SELECT year, month, day FROM "events$partitions"').rows

    assert len(days) >= 2


def test_every_part_runs_under_the_supervisor(stack: RunningStack) -> None:
    assert {process.part for process in processes(stack.stack.state)} == set(NAMES)
