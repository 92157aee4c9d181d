"""What a view is: its name, its SQL and the columns that it promises; and the columns of our tables in SQL's types."""

from typing import NamedTuple

from eyeshot.table import PARTITION_KEYS, Column, Table

TYPES = {
    "string": "varchar",
    "bigint": "bigint",
    "int": "integer",
    "double": "double",
    "array<int>": "array(integer)",
    "timestamp": "timestamp(6)",
    "binary": "varbinary",
}
KEYS = tuple(Column(key, "varchar", "partition key") for key in PARTITION_KEYS)


class View(NamedTuple):
    """A view. `columns` have Trino's types; their order is that of the statement's."""

    name: str
    description: str
    columns: tuple[Column, ...]
    sql: str


def sql_columns(table: Table) -> tuple[Column, ...]:
    """The columns of a table with Trino's types, without the partition keys."""
    return tuple(column._replace(type=TYPES[column.type]) for column in table.columns)


def quoted(*names: str) -> str:
    """Identifiers in a list: `timestamp`, `year` and others are words of SQL too."""
    return ", ".join(f'"{name}"' for name in names)


def literal(text: str) -> str:
    """A string in SQL."""
    return "'" + text.replace("'", "''") + "'"
