"""The query benchmark fills lakes with rows that exist once; its numbers, tables and plots are those of its run."""

import json
import threading
import time
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from bench.query import page, plots, report, row_store, rows, tables
from bench.query.ask import Cost
from bench.query.clients import Clients, Late, Tally
from bench.query.columns import Columns, Json
from bench.query.crawl import Crawl
from bench.query.files import Day, Files
from bench.query.merge import Merge
from bench.query.registration import Planning, Registration
from deploy.query import QueryFailed
from eyeshot.lake.schema import decoded_schema
from eyeshot.table import EVENTS
from tests.lake import read_back

DAY = date(2025, 11, 3)
MB = 1_000_000
KEYS = {
    "merge_speedup",
    "two_column_bytes_ratio",
    "row_store_ratio",
    "ndjson_ratio",
    "registration_p99_ms",
    "partitions_10000_seconds",
}


@pytest.fixture(scope="module")
def made():
    return rows.template(2_000)


def test_rows_made_again_are_rows_of_the_table_of_that_day(made):
    table = pa.concat_tables(rows.of_day(made, DAY, 5_000))

    assert table.num_rows == 5_000
    assert table.schema == decoded_schema(EVENTS)
    assert {each.date() for each in table["received_at"].to_pylist()} == {DAY}
    assert read_back(EVENTS, [table]).num_rows == 5_000


def test_no_row_comes_twice_and_no_reader_either(made):
    table = pa.concat_tables(rows.of_day(made, DAY, 5_000))
    coordinates = zip(
        *(table[name].to_pylist() for name in ("kafka_partition", "kafka_offset", "batch_index")), strict=True
    )
    first, second = (set(rows.again(made, copy, 0)["page_view_id"].to_pylist()) for copy in (0, 1))

    assert len(set(coordinates)) == 5_000
    assert first.isdisjoint(second)
    assert len(first) == len(second)


def test_a_slice_keeps_no_value_that_it_has_not(made):
    few = rows.own_values(next(rows.of_day(made, DAY, 2_000)).slice(300, 10))

    assert few.schema == decoded_schema(EVENTS)
    assert len(few["page_view_id"].chunk(0).dictionary) == len(set(few["page_view_id"].to_pylist()))


def test_two_days_go_on_where_the_first_ended(made):
    whole = pa.concat_tables(rows.of_day(made, DAY, 3_000))
    parts = [*rows.of_day(made, DAY, 1_700), *rows.of_day(made, DAY, 1_300, first=1_700)]

    assert pa.concat_tables(parts)["page_view_id"].to_pylist() == whole["page_view_id"].to_pylist()


def test_offsets_go_on_behind_the_template(made):
    offsets = rows.again(made, 1, 0)["kafka_offset"]

    assert pc.min(offsets).as_py() >= min(made.next_offsets.values())


def test_postgres_gets_every_column_and_lists_in_its_own_form():
    declared = row_store.columns()
    viewport = pa.table({"viewport": pa.array([[1280, 720], None], pa.list_(pa.int32()))})

    assert declared.count(",") == len(EVENTS.columns) - 1
    assert row_store.as_text(viewport)["viewport"].to_pylist() == ["{1280,720}", None]


def test_clients_count_what_is_wrong_apart_from_what_failed():
    answers = [[10, 10], [10, 9], None]
    asked_all = threading.Event()

    def ask():
        answer = answers.pop(0) if answers else [10, 10]
        if answer is None:
            raise QueryFailed("no worker")
        if not answers:
            asked_all.set()
        return answer

    with Clients(ask, [10, 10], number=1) as clients:
        assert asked_all.wait(10)
        clients.wait_for_all(since=time.monotonic(), seconds=10)

    assert clients.tally.right > 0
    assert (clients.tally.wrong, clients.tally.failed) == (1, 1)
    assert clients.tally.examples == ("[10, 9]", "no worker")


def test_clients_that_get_no_answer_in_time_say_so():
    let_go = threading.Event()

    with pytest.raises(Late, match="not answered"), Clients(lambda: [let_go.wait(10)], [True], number=1) as clients:
        try:
            clients.wait_for_all(since=0, seconds=0.01)
        finally:
            let_go.set()


def test_blocks_count_whether_they_were_in_memory_or_not():
    assert row_store.blocks({"Shared Hit Blocks": 3, "Shared Read Blocks": 4, "Shared Dirtied Blocks": 9}) == 7


@pytest.mark.parametrize(("share", "value"), [(0.5, 50.0), (0.99, 99.0), (1.0, 100.0)])
def test_a_percentile_of_a_hundred_is_the_nearest_rank(share, value):
    assert report.percentile([float(each) for each in range(100, 0, -1)], share) == value


def test_the_percentile_of_one_is_it():
    assert report.percentile([7.0], 0.99) == 7.0


def measured():
    cost = Cost(1.0, 10 * MB)
    values: dict[str, Any] = {
        "scale": 1.0,
        "columns": Columns(
            rows=10_000_000,
            day_rows=333_333,
            bytes=150 * MB,
            day_bytes=5 * MB,
            trino={"one": cost, "two": Cost(1.5, 20 * MB), "all": Cost(9.0, 150 * MB)},
            duckdb={"one": cost, "two": cost, "all": cost},
            two_merged=Cost(1.5, 140 * MB),
            day=Cost(0.2, 1 * MB),
            json=Json(200 * MB, Cost(3.0, 200 * MB)),
            json_gzip=Json(20 * MB, Cost(4.0, 20 * MB)),
            row_store=row_store.RowStore(Cost(8.0, 4_000 * MB), Cost(2.0, 80 * MB), 4_000 * MB),
        ),
        "files": Files(
            500_000,
            [Day(1, 7 * MB, Cost(0.5, 1 * MB)), Day(5_000, 60 * MB, Cost(20.0, 30 * MB))],
            Merge(Cost(0.4, 1 * MB), 1, 7 * MB, 90.0, 1.0, 20, Tally(60, 0, 0, ())),
        ),
        "registration": Registration(
            [0.1] * 98 + [0.9, 1.2], [Planning(10, 1.0, 0.1, 0.1), Planning(10_000, 30.0, 0.2, 1.0)]
        ),
        "crawl": Crawl(1_000, 12.0, 10.0, 9.0),
    }
    return report.Measured(**values)


def result():
    where = {"machine": "m", "date": "2026-11-30T10:00:00+00:00", "commit": "c", "load_average": (0.1, 2.0)}
    return report.numbers(measured()) | {"detail": where | report.detail(measured())}


def test_the_numbers_are_those_that_were_asked_for():
    assert report.numbers(measured()) == {
        "merge_speedup": 50.0,
        "two_column_bytes_ratio": 7.5,
        "row_store_ratio": 400.0,
        "ndjson_ratio": 200.0,
        "registration_p99_ms": 900.0,
        "partitions_10000_seconds": 30.0,
    }
    assert set(report.numbers(measured())) == KEYS


def test_the_result_survives_json_and_makes_the_same_page():
    again = json.loads(json.dumps(result()))

    assert page.block(again) == page.block(result())


def test_the_tables_say_what_was_measured():
    text = "\n".join(tables.lines(result()))

    assert "60 right answers, 0 wrong ones" in text
    assert "| 5,000 | 60 | 30 | 20.00 |" in text
    assert "| 10,000 | 30.00 | 0.20 | 1.00 |" in text
    assert all(f"`{key}`" in text for key in KEYS)
    assert "SCALE" not in text


def test_a_run_of_less_says_so():
    small = result()
    small["detail"]["scale"] = 0.02

    assert "make bench-query SCALE=0.02" in "\n".join(tables.lines(small))


def test_the_page_has_a_place_for_the_block_and_keeps_the_rest():
    text = page.PAGE.read_text()
    once = page.with_block(text, "new")

    assert page.with_block(once, "new") == once
    assert once.startswith(text.partition(page.BEGIN)[0])
    assert once.endswith(text.partition(page.END)[2])


def test_a_page_without_marks_is_refused():
    with pytest.raises(ValueError, match="has no"):
        page.with_block("# Performance", "new")


def test_every_plot_is_an_image_in_which_longer_bars_are_larger_values():
    for chart in plots.charts(result()).values():
        image = ElementTree.fromstring(plots.svg(chart))  # noqa: S314 - our own
        bars = [each for each in image.iter() if each.tag.endswith("rect")][1:]
        widths = [float(bar.get("width") or 0) for bar in bars]
        values = [value for _, value in chart.bars]

        assert sorted(range(len(values)), key=values.__getitem__) == sorted(range(len(widths)), key=widths.__getitem__)
        assert min(widths) > 0
