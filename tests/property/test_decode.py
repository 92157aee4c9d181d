"""Whatever a poll brings, columns and rows agree: decoding gives what every record alone gives, row by row."""

import json
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eyeshot.event import EPOCH_MS_MAX
from eyeshot.lake.schema import arrow_schema
from eyeshot.table import TABLES, Slot, day_of
from services.compactor.decode import Decoded, decode
from services.compactor.identities import Runs, runs_in
from services.compactor.rows import KafkaRecord, rows_of
from services.compactor.skim import skim
from tests.builders import NOW_MS, PAGE_VIEW, batch, collected, encoded, event, record, single

ZONE = ZoneInfo("America/New_York")
NUMBERS = ["0", "-0", "-0.0", "1", "0.5", "1.0", "1e0", "1E-400", "1e400", "NaN", "-1", "20", f"{NOW_MS}", "true"]
NUMBERS += [
    "0.30000000000000004",
    "2147483648",
    "9007199254740991",
    "9007199254740992",
    "9" * 19,
    "9" * 40,
    "01",
    "null",
]
STRINGS = ["", "a", "a\n", "inline", "page", "widget7", PAGE_VIEW, PAGE_VIEW + "\n", "x" * 65, "é" * 256, "x" * 257]
STRINGS += ["link_impression", "Link", "\0", "\ud83d", "\U0001f600", "x" * 2048, "x" * 2049]
TOKENS = st.sampled_from([*NUMBERS, *map(json.dumps, STRINGS), '"\\udc00"', "[]", "[1,2]", "[null,1]", "[1,2,3]", "{}"])
TOKENS |= st.sampled_from(
    ['{"a":1,"a":2}', '{"":1}', '{"a":{}}', '{"a":1e999}', '{"k":' + "9" * 30 + "}", "", "[[", "x"]
)
HEAD = {"s": '"demo"', "p": '"/"', "r": '""', "pv": f'"{PAGE_VIEW}"', "so": '"page"', "n": "3", "st": f"{NOW_MS}"}
HEAD |= {"v": '"1"', "vp": "[1280,720]"}
EVENT = {"et": '"link_click"', "ts": f"{NOW_MS}", "l": '"/a"', "lb": '"A"', "pl": '"inline"', "w": '"w"', "vr": "0.5"}
EVENT |= {"vd": "1000", "q": "4", "x": '{"k":1}'}
FULL = {"s": "site", "p": "page", "pv": "page_view_id", "so": "source", "n": "sequence", "st": "sent_at"}
FULL |= {
    "et": "event_type",
    "ts": "timestamp",
    "l": "link",
    "pl": "placement",
    "vr": "visible_ratio",
    "x": "properties",
}
STRANGE = ["z", "$batch", "e", "events", "batch", "et", "received_at", *HEAD, *EVENT, *FULL.values()]
TIMES = st.sampled_from([NOW_MS, NOW_MS + 1, NOW_MS + 24 * 3_600_000, 0, EPOCH_MS_MAX - 24 * 3_600_000])


@st.composite
def objects(draw: Any, usual: dict[str, str]) -> str:
    """The text of an object: most often as usual, with fields left out; now and then changed, doubled or strange."""
    left_out = draw(st.sets(st.sampled_from(sorted(usual)), max_size=3)) if draw(st.integers(0, 3)) == 0 else ()
    pairs = [(name, token) for name, token in usual.items() if name not in left_out]
    if draw(st.integers(0, 5)) == 0:
        pairs += draw(st.lists(st.tuples(st.sampled_from(STRANGE), TOKENS), min_size=1, max_size=2))
    if pairs and draw(st.integers(0, 5)) == 0:
        place = draw(st.integers(0, len(pairs) - 1))
        pairs[place] = (pairs[place][0], draw(TOKENS))
    return "{" + ",".join(f'"{name}":{token}' for name, token in pairs) + "}"


@st.composite
def values(draw: Any) -> bytes:
    """A record's value in one of the three forms, whole or broken."""
    form = draw(st.sampled_from(["collected", "collected", "bare", "single", "garbage"]))
    if form == "garbage":
        garbage: bytes = draw(st.binary(max_size=8) | TOKENS.map(str.encode))
        return garbage
    if form == "single":
        usual = {FULL[name]: token for name, token in (HEAD | EVENT).items() if name in FULL}
        return str(draw(objects(usual))).encode()
    listed = ",".join(draw(st.lists(objects(EVENT), min_size=draw(st.integers(0, 1)), max_size=3)))
    text = draw(objects(HEAD | {"e": f"[{listed}]"}))
    if form == "collected":
        clock = draw(st.sampled_from([str(NOW_MS), "0", str(EPOCH_MS_MAX), *NUMBERS]))
        usual = {"received_at": clock, "user_agent": '"curl/8"', "ip_prefix": "null", "batch": text}
        text = draw(objects(usual))
    return str(draw(st.sampled_from([text, text, text, text + " ", "\n" + text, text[:-1], text + text]))).encode()


@st.composite
def polls(draw: Any) -> list[KafkaRecord]:
    """Some records of a few partitions."""
    taken = draw(st.lists(st.tuples(st.integers(0, 2), TIMES, values()), max_size=8))
    return [KafkaRecord(partition, offset, time, value) for offset, (partition, time, value) in enumerate(taken)]


def one_by_one(records: list[KafkaRecord]) -> Decoded:
    """What every record alone becomes: the specification."""
    expected = Decoded()
    for each in records:
        rows = rows_of(each)
        for table, some in (("events", rows.events), ("rejected", rows.rejected)):
            if some:
                made = pa.Table.from_pylist(some, schema=arrow_schema(TABLES[table]))
                expected.put(Slot(table, day_of(each.timestamp, ZONE)), made, [each.timestamp])
        expected.count(rows.undeclared)
    return expected


def comparable(decoded: Decoded) -> dict[Slot, list[str]]:
    """Every table as sorted text: rows have no order, and -0.0 is not 0.0."""
    return {
        slot: sorted(repr(row) for row in table.cast(arrow_schema(TABLES[slot.table])).to_pylist())
        for slot, table in decoded.tables.items()
    }


@settings(max_examples=400)
@given(polls())
@example([record(encoded(collected(batch(e=[event(), event(et="Not A Name")]))), offset=n) for n in range(3)])
@example([record(single(page_view_id=PAGE_VIEW)), record(single(), offset=1)])
@example([record(encoded(collected())), record(encoded(collected(batch(pv=None, so=None, n=None))), offset=1)])
@example([record(encoded(collected(batch(n=None)))), record(collected(), offset=1)])
def test_decoding_a_poll_gives_what_every_record_alone_gives(records: list[KafkaRecord]):
    decoded, expected = decode(records, ZONE), one_by_one(records)
    assert comparable(decoded) == comparable(expected)
    assert (decoded.times, decoded.undeclared) == (expected.times, expected.undeclared)


@settings(max_examples=200)
@given(values())
def test_every_record_leaves_a_row_somewhere(value: bytes):
    decoded = decode([record(value)], ZONE)
    assert sum(table.num_rows for table in decoded.tables.values()) > 0


@settings(max_examples=400)
@given(polls())
@example([record(encoded(collected(batch(n=60, e=[event()] * 70 + [event(et="No Name"), event()]))))])
@example([record(encoded(collected(batch(n=0, e=[event()] * 500)))), record(single(), offset=1)])
def test_skimming_a_poll_gives_the_runs_of_its_rows(records: list[KafkaRecord]):
    tables = [table for slot, table in decode(records, ZONE).tables.items() if slot.table == "events"]
    assert identities(skim(records, ZONE)) == identities(runs_in(tables))


def identities(runs: Runs) -> list[tuple[int, ...]]:
    """The runs in an order of their own, without the places of their rows."""
    return sorted(zip(*(column.tolist() for column in runs[2:]), strict=True))
