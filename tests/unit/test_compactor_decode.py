"""Records in, a table for every table and day out, and who goes which way."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from eyeshot.event import EPOCH_MS_MAX
from eyeshot.lake.schema import decoded_schema
from eyeshot.table import EVENTS, Slot
from services.compactor.decode import BLOCK_BYTES, decode
from services.compactor.proof import FEW
from services.compactor.rows import KafkaRecord, Rows, event_time_ms, rows_of
from tests.builders import NOW_MS, PAGE_VIEW, batch, collected, encoded, event, record, single

UTC = ZoneInfo("UTC")
A_DAY_MS = 24 * 3_600_000
TODAY = Slot("events", date(2025, 11, 25))


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> list[KafkaRecord]:
    """Records that went row by row, in the order in which they did."""
    seen: list[KafkaRecord] = []

    def spy(each: KafkaRecord) -> Rows:
        seen.append(each)
        return rows_of(each)

    monkeypatch.setattr("services.compactor.decode.rows_of", spy)
    return seen


def posted(**changes: Any) -> bytes:
    """A record's value as the collector writes it: no spaces, `received_at` first."""
    return encoded(collected(batch(**changes))).replace(b'": ', b'":')


def test_rows_go_to_the_table_and_to_their_records_day():
    value = collected(batch(e=[event(), event(ts=None)]))
    decoded = decode([record(value), record(value, offset=1, timestamp=NOW_MS + A_DAY_MS)], UTC)
    assert {slot: table.num_rows for slot, table in decoded.tables.items()} == {
        Slot("events", date(2025, 11, 25)): 1,
        Slot("rejected", date(2025, 11, 25)): 1,
        Slot("events", date(2025, 11, 26)): 1,
        Slot("rejected", date(2025, 11, 26)): 1,
    }
    assert decoded.times[Slot("events", date(2025, 11, 26))] == (NOW_MS + A_DAY_MS, NOW_MS + A_DAY_MS)


def test_what_the_sdk_sends_and_a_backends_event_never_become_rows(one_by_one: list[KafkaRecord]):
    decoded = decode([record(posted(e=[event(x={"k": 1}), event(q=4)])), record(single(), offset=1)], UTC)
    assert one_by_one == []
    assert decoded.tables[TODAY].num_rows == 3


def test_a_record_with_a_strange_field_goes_row_by_row_and_its_neighbours_do_not(one_by_one: list[KafkaRecord]):
    drifting = record(posted(theme="dark"), offset=1)
    decoded = decode([record(posted()), drifting, record(posted(), offset=2)], UTC)
    assert one_by_one == [drifting]
    extras = decoded.tables[TODAY].select(["kafka_offset", "extra"]).to_pylist()
    assert {row["kafka_offset"]: row["extra"] for row in extras} == {0: None, 1: '{"$batch":{"theme":"dark"}}', 2: None}
    assert decoded.undeclared == {"theme": 1}


@pytest.mark.parametrize(
    "changes",
    [
        {"e": [event(), event(et="Not A Name")]},
        {"e": [event(et="with_newline\n")]},
        {"e": [event(pl="sidebar")]},
        {"pv": PAGE_VIEW + "="},
        {"so": "frame1"},
        {"so": None},
        {"n": None},
    ],
)
def test_what_the_typed_pass_leaves_unchecked_is_checked_over_the_columns(
    changes: dict[str, Any], one_by_one: list[KafkaRecord]
):
    breaking = record(posted(**changes), offset=1)
    decoded = decode([record(posted()), breaking, record(posted(), offset=2)], UTC)
    assert one_by_one == [breaking]
    assert decoded.tables[Slot("rejected", TODAY.day)].num_rows == 1


@pytest.mark.parametrize("views", [FEW - 1, FEW, FEW + 1])
def test_however_many_different_values_there_are_the_wrong_one_is_found(views: int, one_by_one: list[KafkaRecord]):
    names = [f"{number:022}" for number in range(views - 1)]
    records = [record(posted(pv=name), offset=offset) for offset, name in enumerate([*names, PAGE_VIEW + "\n"])]
    decoded = decode(records, UTC)
    assert one_by_one == records[-1:]
    assert sorted(decoded.tables[TODAY]["page_view_id"].to_pylist()) == names
    assert decoded.tables[Slot("rejected", TODAY.day)]["kafka_offset"].to_pylist() == [views - 1]


def test_each_row_has_its_own_records_coordinates_whatever_lies_between_them():
    values: list[Any] = [single(label="0"), b"garbage", posted(e=[event(lb="2")]), b"", single(label="4", theme="dark")]
    values += [posted(theme="dark", e=[event(lb="5")]), single(label="6"), b"{}", posted(e=[event(lb="8")] * 2)]
    records = [
        record(value, partition=number % 3, offset=number, timestamp=NOW_MS + number)
        for number, value in enumerate(values)
    ]
    decoded = decode(records, UTC)
    rows = decoded.tables[TODAY].to_pylist()
    assert sorted(row["label"] for row in rows) == ["0", "2", "4", "5", "6", "8", "8"]
    assert all(
        (row["kafka_partition"], row["kafka_offset"]) == (int(row["label"]) % 3, int(row["label"])) for row in rows
    )
    assert sorted(decoded.tables[Slot("rejected", TODAY.day)]["kafka_offset"].to_pylist()) == [1, 3, 7]
    assert decoded.times == {TODAY: (NOW_MS, NOW_MS + 8), Slot("rejected", TODAY.day): (NOW_MS + 1, NOW_MS + 7)}


def test_every_event_gets_its_number_its_place_and_its_time():
    value = posted(n=40, st=NOW_MS - 7, e=[event(ts=NOW_MS - 9), event(ts=0), event(ts=NOW_MS + A_DAY_MS)])
    rows = decode([record(value, partition=3, offset=9)], UTC).tables[TODAY].to_pylist()
    assert [(row["sequence"], row["batch_index"]) for row in rows] == [(40, 0), (41, 1), (42, 2)]
    assert {(row["kafka_partition"], row["kafka_offset"], row["page_view_id"]) for row in rows} == {(3, 9, PAGE_VIEW)}
    times = decode([record(value)], UTC).tables[TODAY]["event_time"].cast("int64").to_pylist()
    assert times == [event_time_ms(row["timestamp"], NOW_MS - 7, NOW_MS) for row in rows]


@pytest.mark.parametrize("received_at", [0, NOW_MS, EPOCH_MS_MAX])
@pytest.mark.parametrize("sent_at", [None, 0, NOW_MS, EPOCH_MS_MAX])
def test_the_time_over_columns_is_the_time_of_one_event_at_every_extreme(received_at: int, sent_at: int | None):
    times = [
        0,
        NOW_MS - 7 * A_DAY_MS - 1,
        NOW_MS - 7 * A_DAY_MS,
        NOW_MS,
        NOW_MS + 300_000,
        NOW_MS + 300_001,
        EPOCH_MS_MAX,
    ]
    value = encoded(collected(batch(st=sent_at, e=[event(ts=time) for time in times]), received_at=received_at))
    table = decode([record(value.replace(b'": ', b'":'))], UTC).tables[TODAY]
    expected = [event_time_ms(time, sent_at, received_at) for time in times]
    assert table["event_time"].cast("int64").to_pylist() == expected


def test_records_may_break_different_rules_at_once(one_by_one: list[KafkaRecord]):
    breaking = [posted(so="frame1"), posted(n=None), posted(e=[event(et="Not A Name")]), posted(e=[event()] * 501)]
    records = [
        record(value, offset=offset) for offset, value in enumerate([posted(), *breaking, posted(e=[event()] * 500)])
    ]
    decoded = decode(records, UTC)
    assert sorted(each.offset for each in one_by_one) == [1, 2, 3, 4]
    assert decoded.tables[Slot("rejected", TODAY.day)].num_rows == 4
    assert decoded.tables[TODAY].num_rows == 501


def test_many_blocks_become_one_table_without_losing_a_row():
    records = [record(posted(e=[event(l="/" + "x" * 2000)] * 20), offset=offset) for offset in range(100)]
    assert sum(len(each.value) for each in records) > 3 * BLOCK_BYTES
    table = decode(records, UTC).tables[TODAY]
    assert sorted(set(table["kafka_offset"].to_pylist())) == list(range(100))
    assert table.num_rows == 2_000


def test_strange_records_of_many_blocks_are_all_there(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("services.compactor.decode.BLOCK_BYTES", 1)
    records = [record(posted(theme="dark") if number % 2 else posted(), offset=number) for number in range(6)]
    empty = [record(b"", offset=offset) for offset in (6, 7)]

    decoded = decode([*records, *empty], UTC)

    assert sorted(decoded.tables[TODAY]["kafka_offset"].to_pylist()) == list(range(6))
    assert sorted(decoded.tables[Slot("rejected", TODAY.day)]["kafka_offset"].to_pylist()) == [6, 7]
    assert decoded.undeclared == {"theme": 3}


def test_tables_have_the_schema_of_decoded_rows_whichever_way_they_came():
    for value in (posted(), encoded(collected(batch(theme="dark"))), encoded(single())):
        assert decode([record(value)], UTC).tables[TODAY].schema.equals(decoded_schema(EVENTS))
    assert decode([], UTC).tables == {}
