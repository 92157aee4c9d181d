"""A schema that grows under a table that is there, on the real metastore and Trino; and one that may not."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from pymetastore.hive_metastore.ttypes import FieldSchema, GetTableRequest

from deploy.paths import ROOT
from deploy.ports import free
from deploy.service_environments import environments
from eyeshot.lake.schema import decoded_schema
from eyeshot.promoted import PROMOTED, Promotion
from eyeshot.table import EVENTS, TABLES, Column, Table, events_table
from services.compactor.rows import rows_of
from services.partitioner.schema import SchemaRefused
from services.partitioner.views import views
from tests.builders import batch, collected, event, record
from tests.planted import Planted, planted
from tests.running import RunningStack

OLD, CURRENT, NEW = (date(2025, 11, day) for day in (24, 25, 26))
NAMES = ("a_campaign", "a_share", "a_count")
PROMOTIONS = (*PROMOTED, *map(Promotion, NAMES, ("string", "double", "bigint")))
GROWN = events_table(PROMOTIONS)
# Every kind of value that a field can come with, as JSON; the event's own, the batch's, both.
VALUES: list[Any] = ["spring", "", "5", "0.5", 5, 0, 0.5, 1.0, 2**53 + 1, 2**63, True, False, None, {"a": 1}, [1]]
POSTED = [batch(e=[event(l=f"/{place}", **{name: value})]) for name in NAMES for place, value in enumerate(VALUES)]
POSTED += [batch(**{name: value}, e=[event(), event(**{name: "own"})]) for name in NAMES for value in VALUES]


@pytest.fixture
def lake(stack: RunningStack) -> Iterator[Planted]:
    """A database of its own."""
    with planted(stack, views(["UTC"], "UTC")) as lake:
        yield lake


def _columns(lake: Planted, table: str) -> list[str]:
    there = lake.call(lambda metastore: metastore.get_table_req(GetTableRequest(dbName=lake.database, tblName=table)))
    return [column.name for column in there.table.sd.cols]


def _partitions(lake: Planted) -> list[Any]:
    found: list[Any] = lake.call(lambda metastore: metastore.get_partitions(lake.database, "events", -1))
    return found


def _rows(table: Table, promotions: Sequence[Promotion], first_offset: int) -> pa.Table:
    made = [
        row
        for number, posted in enumerate(POSTED)
        for row in rows_of(record(collected(posted), offset=first_offset + number), promotions).events
    ]
    return pa.Table.from_pylist(made, schema=decoded_schema(table))


async def test_a_column_that_was_declared_later_is_added_and_works_everywhere(lake: Planted):
    await lake.create()
    days = [OLD - timedelta(days=number) for number in range(5)]
    for day in (*days, CURRENT):
        await lake.rows(EVENTS, day, _rows(EVENTS, PROMOTED, 0))
    before = {tuple(each.values): each.sd.location for each in _partitions(lake)}
    lake.grow(GROWN, TABLES["rejected"])
    await lake.rows(GROWN, CURRENT, _rows(GROWN, PROMOTIONS, 1_000))

    names = [column.name for column in GROWN.columns]
    assert _columns(lake, "events") == names
    assert {tuple(each.values): each.sd.location for each in _partitions(lake)} == before
    assert all([column.name for column in each.sd.cols] == names for each in _partitions(lake))
    rows = lake.select(
        "SELECT day, count(*) AS stored, count(a_campaign) AS given FROM {}.events WHERE year = '2025' GROUP BY day"
    )
    by_day = {row["day"]: (row["stored"], row["given"]) for row in rows}
    stored = by_day[f"{OLD:%d}"][0]
    assert by_day[f"{OLD:%d}"] == (stored, 0)
    assert by_day[f"{CURRENT:%d}"][0] == 2 * stored
    assert by_day[f"{CURRENT:%d}"][1] > 0


async def test_growing_again_and_growing_what_died_half_way_changes_no_more_than_is_missing(lake: Planted):
    await lake.create()
    for day in (OLD, CURRENT, NEW):
        lake.register("events", day)
    half = _partitions(lake)[0]
    half.sd.cols += [FieldSchema(name=each.name, type=each.type, comment="") for each in GROWN.columns[-3:]]
    lake.call(lambda metastore: metastore.alter_partition(lake.database, "events", half))
    lake.grow(GROWN)
    first = (_columns(lake, "events"), [[column.name for column in each.sd.cols] for each in _partitions(lake)])
    lake.grow(GROWN)
    assert first == (_columns(lake, "events"), [[column.name for column in each.sd.cols] for each in _partitions(lake)])
    assert len(first[0]) == len(set(first[0]))


async def test_a_partition_that_an_older_partitioner_registered_has_the_column_too(lake: Planted):
    """It knows nothing of the column; files are read by name all the same."""
    await lake.create()
    lake.grow(GROWN)
    lake.register("events", NEW, EVENTS.columns)
    assert len(_partitions(lake)[0].sd.cols) == len(EVENTS.columns)
    await lake.rows(GROWN, NEW, _rows(GROWN, PROMOTIONS, 0))
    (row,) = lake.select("SELECT count(a_campaign) AS given FROM {}.events WHERE year = '2025'")
    assert row["given"] > 0


async def test_a_promoted_field_reads_the_same_in_rows_from_before_and_after(lake: Planted):
    await lake.create()
    await lake.rows(EVENTS, OLD, _rows(EVENTS, PROMOTED, 0))
    lake.grow(GROWN)
    lake.put_views(views(["UTC"], "UTC", PROMOTIONS))
    await lake.rows(GROWN, NEW, _rows(GROWN, PROMOTIONS, 0))
    asked = (
        "SELECT kafka_offset, batch_index, a_campaign, a_share, a_count FROM {}.%s WHERE year = '2025' AND day = '%s'"
    )
    asked += " ORDER BY 1, 2"
    old, new = (lake.run(asked % ("all_events", f"{day:%d}")).rows for day in (OLD, NEW))
    assert old == new
    assert [row[2] for row in old[:6]] == ["spring", "", "5", "0.5", "5", "0"]
    assert {
        row["given"] for row in lake.select("SELECT count(a_campaign) AS given FROM {}.events WHERE day = '24'")
    } == {0}
    for view in ("impressions", "business_days_utc"):
        assert lake.run(asked % (view, f"{OLD:%d}")).rows == old


def _partitioner(stack: RunningStack, lake: Planted) -> subprocess.CompletedProcess[str]:
    environment = environments(stack.stack)["partitioner"]
    environment |= {"METASTORE_DATABASE": lake.database, "PARTITIONER_PORT": str(free()["PARTITIONER_PORT"])}
    return subprocess.run(
        [sys.executable, "-m", "services.partitioner"],
        check=False,
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda columns: [*columns, Column("colour", "string", "")], "is not declared"),
        (
            lambda columns: [columns[0]._replace(type="bigint"), *columns[1:]],
            "is bigint in the metastore but is declared",
        ),
    ],
    ids=["a column that is not declared", "a column of another type"],
)
async def test_a_change_that_old_files_cannot_follow_stops_the_partitioner_and_alters_nothing(
    stack: RunningStack, lake: Planted, change: Any, reason: str
):
    await lake.create()
    other = EVENTS._replace(columns=tuple(change(list(EVENTS.columns[:-1]))))  # it lacks one, too

    def spoil(metastore: Any) -> None:
        there = metastore.get_table_req(GetTableRequest(dbName=lake.database, tblName="events")).table
        there.sd.cols = [FieldSchema(name=each.name, type=each.type, comment="") for each in other.columns]
        metastore.drop_table(lake.database, "events", False)
        metastore.create_table(there)

    lake.call(spoil)
    lake.register("events", OLD)
    before = (_columns(lake, "events"), _partitions(lake))
    ran = _partitioner(stack, lake)
    assert ran.returncode == 1, ran.stderr
    said = [json.loads(line) for line in (ran.stdout + ran.stderr).splitlines() if line.startswith("{")]
    assert any(reason in line.get("reason", "") for line in said)
    assert (_columns(lake, "events"), _partitions(lake)) == before
    with pytest.raises(SchemaRefused, match=reason):
        lake.grow(EVENTS)


async def test_a_table_with_the_name_of_a_view_is_not_replaced(lake: Planted):
    await lake.create()
    lake.call(lambda metastore: metastore.drop_table(lake.database, "drift", False))
    there = lake.call(
        lambda metastore: metastore.get_table_req(GetTableRequest(dbName=lake.database, tblName="rejected"))
    )
    there.table.tableName = "drift"
    lake.call(lambda metastore: metastore.create_table(there.table))
    with pytest.raises(SchemaRefused, match="drift is a table"):
        await lake.create()
