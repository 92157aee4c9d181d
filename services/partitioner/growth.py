"""A Thrift client of the metastore and the declared tables in; columns that were missing there, added. Idempotent.

Partitions come first and the table last: a query sees a column once every partition has it, and a table that has it
says that nothing is left to do, whatever died in between.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from pymetastore.hive_metastore.ttypes import EnvironmentContext, FieldSchema, GetTableRequest

from eyeshot.logs import happened
from eyeshot.table import Column, Table
from services.partitioner.schema import missing

ALL = -1


def grow(client: Any, database: str, tables: Iterable[Table], partitions_at_once: int) -> None:
    """Add the columns that tables and their partitions lack. Raises SchemaRefused, and then nothing was altered."""
    lacking = []
    for table in tables:
        there = client.get_table_req(GetTableRequest(dbName=database, tblName=table.name)).table
        columns = missing(table, _types(there.sd.cols), _types(there.partitionKeys))
        if columns:
            lacking.append((there, columns))
    for there, columns in lacking:
        partitions = _grow_partitions(client, there, columns, partitions_at_once)
        there.sd.cols += _schemas(columns)
        client.alter_table_with_environment_context(database, there.tableName, there, EnvironmentContext({}))
        names = [column.name for column in columns]
        happened("columns_added", table=there.tableName, columns=names, partitions=partitions)


def _grow_partitions(client: Any, table: Any, columns: Sequence[Column], at_once: int) -> int:
    """How many partitions were given the columns; each keeps its own location."""
    grown = 0
    names = client.get_partition_names(table.dbName, table.tableName, ALL)
    for start in range(0, len(names), at_once):
        partitions = client.get_partitions_by_names(table.dbName, table.tableName, names[start : start + at_once])
        behind = [each for each in partitions if _give(each.sd.cols, columns)]
        if behind:
            client.alter_partitions(table.dbName, table.tableName, behind)
        grown += len(behind)
    return grown


def _give(there: list[FieldSchema], columns: Sequence[Column]) -> bool:
    known = {each.name for each in there}
    added = _schemas(column for column in columns if column.name not in known)
    there += added
    return bool(added)


def _schemas(columns: Iterable[Column]) -> list[FieldSchema]:
    return [FieldSchema(name=column.name, type=column.type, comment=column.description) for column in columns]


def _types(columns: Iterable[FieldSchema]) -> dict[str, str]:
    return {column.name: column.type for column in columns}
