"""What people ask instead of the tables, on the real Trino: what counts, what was lost, stored, or drifts."""

import asyncio
import json
import random
import re
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pymetastore.hive_metastore.ttypes import GetTableRequest

from deploy import drift, query
from eyeshot.event import QUALITY_BITS
from eyeshot.projection import projection
from services.compactor.rows import KafkaRecord
from services.partitioner.views import views
from tests.builders import NOW_MS, PAGE_VIEW, batch, collected, encoded, event, single
from tests.planted import Planted, planted
from tests.running import RunningStack

DAY_MS = 24 * 3_600_000
OTHER_PAGE_VIEW = PAGE_VIEW[::-1]
THE_DAY = "year = '2025' AND month = '11' AND day = '25'"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
DOCS = (Path(__file__).parents[2] / "docs" / "sql.md").read_text().partition("## Views")[2].partition("## Clients")[0]
EXAMPLES = [textwrap.dedent(each) for each in re.findall(r"(?:^    .*\n)+", DOCS, re.MULTILINE)]
VIEWS = ("all_events", "impressions", "business_days_utc", "loss_by_browser", "accounting", "drift")


def _posted(posted: dict[str, Any], offset: int, at: int = NOW_MS) -> KafkaRecord:
    return KafkaRecord(0, offset, at, encoded(collected(posted, received_at=at, user_agent=FIREFOX)))


RECORDS = [
    # Numbers 2 to 6 of a page view: 0 and 1 are before what came, 4 and 5 are lost.
    _posted(batch(n=2, e=[event(q=16 + 4), event(et="link_click")]), 0),
    _posted(batch(n=6, e=[event(et="page_end")]), 1),
    _posted(batch(n=6, e=[event(et="page_end")]), 2),  # a copy that came too late to be left out
    _posted(batch(pv=OTHER_PAGE_VIEW, e=[event(et="frame_hidden"), event(et="widget_impression", pl="widget")]), 3),
    _posted(batch(pv=OTHER_PAGE_VIEW, n=2, campaign="spring", e=[event(et="link_read", colour="red", **{"$x": 1})]), 4),
    KafkaRecord(0, 5, NOW_MS, encoded(single(colour={"red": 1}, timestamp=NOW_MS - 400 * DAY_MS))),
    KafkaRecord(0, 6, NOW_MS, encoded(single(timestamp=NOW_MS + 3 * DAY_MS))),
    KafkaRecord(0, 7, NOW_MS, b"no event"),
    KafkaRecord(0, 8, NOW_MS, encoded({**collected(batch(n=9, pv=OTHER_PAGE_VIEW)), "edge": "fra"})),
    _posted(batch(n=7), 9, NOW_MS + DAY_MS),
]


@pytest.fixture(scope="module")
def lake(stack: RunningStack) -> Iterator[Planted]:
    """Two days with everything in them that the views tell apart."""
    with planted(stack, views(["UTC", "Europe/Paris"], "UTC")) as lake:
        asyncio.run(lake.create())
        asyncio.run(lake.records(RECORDS))
        yield lake


def _lines(lake: Planted, columns: str, view: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in lake.run(f"SELECT {columns} FROM {{}}.{view} WHERE {THE_DAY} ORDER BY 1, 2").rows]


def test_impressions_are_what_counts_and_say_what_is_doubtful(lake: Planted):
    lines = _lines(lake, f"kafka_offset, event_type, {', '.join(QUALITY_BITS)}", "impressions")
    doubts = {number: dict(zip(QUALITY_BITS, flags, strict=True)) for number, _, *flags in lines}
    assert [(number, kind) for number, kind, *_ in lines] == [
        (0, "link_impression"),
        (3, "widget_impression"),
        (8, "link_impression"),
    ]
    assert {name for name, doubtful in doubts[0].items() if doubtful} == {"unauthenticated_frame", "no_focus"}
    assert not any(doubts[3].values())


def test_all_events_are_those_of_the_table(lake: Planted):
    assert _lines(lake, "kafka_offset, batch_index, link", "all_events") == _lines(
        lake, "kafka_offset, batch_index, link", "events"
    )


def test_a_gap_is_a_loss_and_what_came_before_the_first_is_told_apart(lake: Planted):
    (line,) = [
        line
        for line in _lines(lake, "user_agent_browser, page_views, arrived, lost, before", "loss_by_browser")
        if line[0]
    ]
    assert line == ("Firefox", 2, 6, 2, 2)


def test_a_day_is_accounted_for(lake: Planted):
    ((line),) = lake.select(f"SELECT * FROM {{}}.accounting WHERE {THE_DAY}")
    counts = {name: value for name, value in line.items() if name not in {"year", "month", "day"}}
    assert counts == {
        "stored": 10,
        "rejected": 1,
        "records": 8,
        "repeated": 1,
        "without_identity": 2,
        "late": 1,
        "days_late_max": 400,
        "in_future": 1,
        "suspect": counts["suspect"],
        "with_extra": 3,
    }


def test_fields_that_nobody_declared_are_named_counted_and_shown(lake: Planted):
    lines = lake.run(
        f"SELECT place, field, events, example, promoted FROM {{}}.drift WHERE {THE_DAY} ORDER BY 1, 2"
    ).rows
    assert [line for line in lines if line[1] != "colour"] == [
        ["batch", "campaign", 1, '"spring"', False],
        ["envelope", "edge", 1, '"fra"', False],
        ["event", "$x", 1, "1", False],
    ]
    (colour,) = (line for line in lines if line[1] == "colour")
    assert colour[2] == 2
    assert json.loads(colour[3]) in ("red", {"red": 1})


@pytest.mark.parametrize("statement", EXAMPLES)
def test_an_example_of_the_docs_has_an_answer(lake: Planted, statement: str):
    there = statement.replace("2026", "2025").replace("2025-03-29", "2025-11-25")
    assert lake.run(re.sub(r"FROM (\w+)", r"FROM {}.\1", there)).rows


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_refused_without_a_day_as_the_table_is(lake: Planted, view: str):
    with pytest.raises(query.QueryFailed, match="Filter required"):
        lake.run(f"SELECT count(*) FROM {{}}.{view}")


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_reads_no_day_but_those_that_are_named(stack: RunningStack, view: str):
    with planted(stack, views(["UTC"], "UTC")) as lake:
        asyncio.run(lake.create())
        asyncio.run(lake.records(RECORDS))
        broken = datetime.fromtimestamp(NOW_MS / 1000, UTC).date().replace(day=27)
        asyncio.run(lake.file("events", broken, b"PAR1 this is no Parquet file PAR1"))
        asyncio.run(lake.file("rejected", broken, b"PAR1 this is no Parquet file PAR1"))
        assert lake.run(f"SELECT * FROM {{}}.{view} WHERE {THE_DAY}").rows
        with pytest.raises(query.QueryFailed, match=r"[Pp]arquet"):
            lake.run(f"SELECT * FROM {{}}.{view} WHERE year = '2025'")


def test_only_the_columns_that_are_asked_for_are_read(lake: Planted):
    """Columns that lie less than a megabyte apart are read at once: the other one has four."""
    chance = random.Random(1)
    rows = [single(link=f"https://shop.example/{chance.randbytes(200).hex()}") for _ in range(20_000)]
    a_week_before = NOW_MS - 7 * DAY_MS
    asyncio.run(lake.records(KafkaRecord(1, n, a_week_before, encoded(row)) for n, row in enumerate(rows)))
    narrow, wide = (
        lake.run(f"SELECT {columns} FROM {{}}.all_events WHERE year = '2025' AND day = '18'").scanned
        for columns in ("sum(kafka_offset)", "sum(kafka_offset), count(DISTINCT link)")
    )
    assert 0 < narrow < wide / 2


def test_projected_partitions_need_no_registration(lake: Planted):
    """The DDL of docs/projection.md: the same files, another table, no partition in the metastore."""

    def create(metastore: Any) -> None:
        there = metastore.get_table_req(GetTableRequest(dbName=lake.database, tblName="events")).table
        there.tableName = "projected"
        there.parameters = {"EXTERNAL": "TRUE"} | projection("events", f"lake/{lake.folder}".rstrip("/"))
        metastore.create_table(there)

    lake.call(create)
    assert lake.call(lambda metastore: metastore.get_partition_names(lake.database, "projected", -1)) == []
    assert _lines(lake, "kafka_offset, batch_index, day", "projected") == _lines(
        lake, "kafka_offset, batch_index, day", "events"
    )
    with pytest.raises(query.QueryFailed, match="Filter required"):
        lake.run("SELECT count(*) FROM {}.projected")


def test_the_drift_report_names_the_field(stack: RunningStack, capsys: pytest.CaptureFixture[str]):
    stack.send(batch(pv=PAGE_VIEW, e=[event(drifting=7)]))
    stack.select("SELECT 1 FROM events WHERE year >= '2000' AND extra LIKE '%drifting%'")
    assert drift.run(stack.stack, None) == 0
    assert "drifting" in capsys.readouterr().out


def test_the_partitioner_of_the_stack_has_made_every_view(stack: RunningStack):
    there = {name for (name,) in query.run(stack.stack, "SHOW TABLES").rows}
    assert set(VIEWS) <= there
