"""A record in, rows out."""

import json
from typing import Any

import pytest

from eyeshot.event import EPOCH_MS_MAX
from eyeshot.table import EVENTS, REJECTED
from services.compactor.rows import SKEW_FUTURE_MS, SKEW_PAST_MS, event_time_ms, rows_of
from tests.builders import NOW_MS, PAGE_VIEW, batch, collected, event, record, single, without
from tests.lake import written

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"


def only_row(value: dict[str, Any] | bytes, **changes: Any) -> dict[str, Any]:
    (row,) = rows_of(record(value, **changes)).events
    return row


def test_every_event_gets_its_own_number_and_its_place():
    rows = rows_of(record(collected(batch(n=40, e=[event(), event()])), partition=3, offset=9)).events
    assert [(row["sequence"], row["batch_index"]) for row in rows] == [(40, 0), (41, 1)]
    assert {(row["kafka_partition"], row["kafka_offset"], row["page_view_id"]) for row in rows} == {(3, 9, PAGE_VIEW)}


def test_the_clients_skew_is_taken_out_of_the_event_time():
    slow_clock = batch(st=NOW_MS - 3_600_000, e=[event(ts=NOW_MS - 3_600_000 - 1_500)])
    assert only_row(collected(slow_clock))["event_time"] == NOW_MS - 1_500
    assert only_row(collected(slow_clock))["timestamp"] == NOW_MS - 3_600_000 - 1_500


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        (NOW_MS - SKEW_PAST_MS, NOW_MS - SKEW_PAST_MS),
        (NOW_MS - SKEW_PAST_MS - 1, NOW_MS - SKEW_PAST_MS),
        (NOW_MS + SKEW_FUTURE_MS, NOW_MS + SKEW_FUTURE_MS),
        (NOW_MS + SKEW_FUTURE_MS + 1, NOW_MS + SKEW_FUTURE_MS),
    ],
)
def test_the_event_time_is_clamped_to_seven_days_back_and_five_minutes_ahead(timestamp: int, expected: int):
    assert event_time_ms(timestamp, sent_at=NOW_MS, received_at=NOW_MS) == expected


def test_a_backends_timestamp_is_taken_as_given_and_the_record_tells_when_it_came():
    row = only_row(single(timestamp=5), timestamp=NOW_MS)
    assert (row["event_time"], row["received_at"]) == (5, NOW_MS)
    assert (row["page_view_id"], row["source"], row["sequence"]) == (None, None, None)


def test_undeclared_fields_of_every_level_land_in_extra_apart_from_each_other():
    value = collected(batch(theme="dark", e=[event(**{"colour": "red", "$batch": 1})]), host="c1")
    row = only_row(value)
    assert json.loads(row["extra"]) == {
        "colour": "red",
        "$$batch": 1,
        "$batch": {"theme": "dark"},
        "$envelope": {"host": "c1"},
    }
    assert sorted(rows_of(record(value)).undeclared) == ["$batch", "colour", "host", "theme"]


def test_without_undeclared_fields_extra_is_null():
    assert only_row(collected())["extra"] is None


def test_a_user_agent_becomes_families():
    row = only_row(collected(user_agent=CHROME))
    assert (row["user_agent_browser"], row["user_agent_os"], row["suspect"]) == ("Chrome", "Linux", None)


@pytest.mark.parametrize(
    ("agent", "suspect"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "bot"),
        (CHROME.replace("Chrome/", "HeadlessChrome/"), "headless"),
    ],
)
def test_what_calls_itself_a_bot_is_suspect(agent: str, suspect: str):
    assert only_row(collected(user_agent=agent))["suspect"] == suspect


def test_what_is_no_batch_is_rejected_with_its_bytes_and_place():
    rows = rows_of(record(b"\x00garbage", partition=2, offset=7))
    assert rows.events == []
    (rejected,) = rows.rejected
    assert (rejected["value"], rejected["kafka_partition"], rejected["kafka_offset"]) == (b"\x00garbage", 2, 7)
    assert "malformed" in rejected["reason"]


def test_a_bad_event_is_rejected_by_its_index_beside_its_siblings():
    rows = rows_of(record(collected(batch(e=[event(), event(ts=None)]))))
    assert len(rows.events) == 1
    assert [row["batch_index"] for row in rows.rejected] == [1]


def test_the_largest_values_fit_their_columns():
    largest = batch(
        n=2**53 - 1,
        st=0,
        vp=[2**31 - 1, 2**31 - 1],
        e=[event(ts=EPOCH_MS_MAX, vd=2**53 - 1, q=2**31 - 1, huge=10**300)] * 2,
    )
    rows = rows_of(record(collected(largest, received_at=EPOCH_MS_MAX), timestamp=EPOCH_MS_MAX))
    assert written(EVENTS, rows.events).num_rows == 2


def test_rows_have_exactly_the_tables_columns():
    rows = rows_of(record(collected(batch(e=[event(), event(ts=None)]))))
    assert set(rows.events[0]) == {column.name for column in EVENTS.columns}
    assert set(rows.rejected[0]) == {column.name for column in REJECTED.columns}


def test_a_required_field_of_a_single_event_that_is_missing_rejects_it():
    assert rows_of(record(without(single(), "timestamp"))).rejected
