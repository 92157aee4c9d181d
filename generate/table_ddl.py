"""The tables in; their Hive DDL and their Arrow schemas out, for people to read and reviewers to diff."""

from eyeshot.lake.schema import arrow_schema
from eyeshot.projection import projection
from eyeshot.table import PARTITION_KEYS, TABLES, Table


def render_hive() -> str:
    """The text of docs/schema/tables.sql: what the partitioner creates through the metastore, as DDL."""
    head = "-- Generated from eyeshot/table.py by `make generate`. The partitioner creates these tables by itself.\n"
    return head + "".join(_hive(table) for table in TABLES.values())


def render_projection() -> str:
    """The text of docs/schema/projection.sql: the same tables for a catalog to which nobody registers days."""
    head = (
        "-- Generated from eyeshot/table.py by `make generate`. Read docs/projection.md first: not for a merged lake.\n"
    )
    return head + "".join(_projected(table) for table in TABLES.values())


def render_arrow() -> str:
    """The text of docs/schema/tables.arrow.txt: the columns of the Parquet files."""
    head = "Generated from eyeshot/table.py by `make generate`.\n"
    return head + "".join(f"\n{table.name}\n{arrow_schema(table)}\n" for table in TABLES.values())


def _projected(table: Table) -> str:
    properties = ",\n".join(f"  '{name}' = '{value}'" for name, value in projection(table.name, "lake").items())
    return _hive(table).removesuffix(";\n") + f"\nTBLPROPERTIES (\n{properties}\n);\n"


def _hive(table: Table) -> str:
    columns = ",\n".join(
        f"  `{column.name}` {column.type} COMMENT {_quoted(column.description)}" for column in table.columns
    )
    keys = ", ".join(f"`{key}` string" for key in PARTITION_KEYS)
    return (
        f"\nCREATE EXTERNAL TABLE `{table.name}` (\n{columns}\n)\nPARTITIONED BY ({keys})\n"
        f"STORED AS PARQUET\nLOCATION 's3://lake/{table.name}';\n"
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
