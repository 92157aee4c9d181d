"""What holds for every batch: one verdict, nothing lost, never an exception."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from eyeshot.event import PROPERTIES_MAX
from eyeshot.reading import InvalidBatch
from eyeshot.table import EVENTS, REJECTED
from eyeshot.verdict import _verdict_with_reasons, verdict
from services.compactor.rows import rows_of
from tests.builders import NOW_MS, PAGE_VIEW, record
from tests.lake import written

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    [
        "s",
        "site",
        "p",
        "pv",
        "so",
        "n",
        "st",
        "vp",
        "sdk",
        "e",
        "events",
        "et",
        "event_type",
        "ts",
        "timestamp",
        "l",
        "q",
        "x",
        "vr",
    ]
)
EVENTS_AS_SENT = st.fixed_dictionaries(
    {"et": st.just("link_impression"), "ts": st.integers(0, 2 * NOW_MS)},
    optional={
        "l": st.text(max_size=40),
        "pl": st.sampled_from(["inline", "widget"]),
        "vr": st.floats(0, 1),
        "x": st.dictionaries(
            st.text(min_size=1, max_size=5), st.text(max_size=5) | st.integers(), max_size=PROPERTIES_MAX
        ),
    },
)
DRIFT = st.dictionaries(NAMES | st.text(max_size=6), JSON, max_size=3)


@st.composite
def batches(draw: Any) -> dict[str, Any]:
    """A batch, whole or with drift at each of its levels."""
    events = [each | draw(DRIFT) for each in draw(st.lists(EVENTS_AS_SENT, min_size=1, max_size=4))]
    head: dict[str, Any] = {"s": "demo", "pv": PAGE_VIEW, "so": "page", "n": draw(st.integers(0, 9)), "st": NOW_MS}
    batch: dict[str, Any] = head | draw(DRIFT) | {"e": events}
    return batch


def judged(judge: Any, body: bytes) -> Any:
    try:
        return judge(body)
    except InvalidBatch as error:
        return str(error)


@given(batches())
def test_the_quick_verdict_and_the_one_with_reasons_are_the_same(batch: dict[str, Any]):
    body = json.dumps(batch).encode()
    assert judged(verdict, body) == judged(_verdict_with_reasons, body)


@given(batches())
def test_the_compactor_stores_what_the_collector_accepted_and_rejects_the_rest(batch: dict[str, Any]):
    body = json.dumps(batch).encode()
    answer = judged(verdict, body)
    rows = rows_of(record(b'{"received_at":1,"batch":' + body + b"}"))
    if isinstance(answer, str):
        assert rows.events == [] or "missing required field" in answer
    else:
        assert len(rows.events) == answer.accepted
        assert [row["batch_index"] for row in rows.rejected] == [each.index for each in answer.rejected]


@given(
    st.binary(max_size=60)
    | JSON.map(lambda value: json.dumps(value).encode())
    | batches().map(lambda b: json.dumps(b).encode())
)
def test_every_record_becomes_rows_that_a_parquet_file_takes(value: bytes):
    rows = rows_of(record(value))
    assert rows.events or rows.rejected
    for table, some in ((EVENTS, rows.events), (REJECTED, rows.rejected)):
        assert written(table, some).num_rows == len(some)


@given(st.dictionaries(st.text(max_size=8), JSON, max_size=4))
def test_no_undeclared_field_of_an_event_is_lost(drift: dict[str, Any]):
    declared = {"et", "event_type", "ts", "timestamp", "l", "link", "lb", "label", "pl", "placement", "w", "widget"}
    declared |= {"vr", "visible_ratio", "vd", "visible_ms", "q", "quality", "x", "properties"}
    strange = {name: value for name, value in drift.items() if name not in declared}
    event = {"et": "a", "ts": 1} | strange
    (row,) = rows_of(record({"s": "demo", "e": [event]})).events
    kept = {name.removeprefix("$"): value for name, value in json.loads(row["extra"] or "{}").items()}
    assert kept == json.loads(json.dumps(strange))
