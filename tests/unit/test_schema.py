"""What becomes of a table whose columns are not those that are declared."""

import pytest

from eyeshot.table import EVENTS, PARTITION_KEYS, TABLES, Column, Table
from services.partitioner.schema import SchemaRefused, missing

KEYS = dict.fromkeys(PARTITION_KEYS, "string")
TABLE = Table(
    "events", (Column("site", "string", ""), Column("sequence", "bigint", ""), Column("campaign", "string", ""))
)
THERE = {"site": "string", "sequence": "bigint"}


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_a_table_that_is_as_declared_lacks_nothing(table: Table):
    assert missing(table, {column.name: column.type for column in table.columns}, KEYS) == []


def test_a_column_that_was_declared_later_is_missing():
    assert [column.name for column in missing(TABLE, THERE, KEYS)] == ["campaign"]


def test_the_order_of_columns_does_not_matter_because_files_are_read_by_name():
    assert missing(EVENTS, {column.name: column.type for column in reversed(EVENTS.columns)}, KEYS) == []


@pytest.mark.parametrize(
    ("columns", "keys", "reason"),
    [
        (THERE | {"sequence": "int"}, KEYS, r"events\.sequence is int in the metastore but is declared as bigint"),
        (THERE | {"colour": "string"}, KEYS, r"events\.colour \(string\) is in the metastore but is not declared"),
        (THERE, {"day": "string"}, r"partitioned by day string, not by the strings year, month, day"),
        (THERE, KEYS | {"day": "int"}, r"partitioned by year string, month string, day int"),
        (THERE, {"day": "string", "month": "string", "year": "string"}, r"partitioned by day"),
        (THERE, {}, r"partitioned by nothing"),
    ],
)
def test_what_files_that_stay_cannot_follow_is_refused_with_the_reason(columns, keys, reason):
    with pytest.raises(SchemaRefused, match=reason):
        missing(TABLE, columns, keys)
