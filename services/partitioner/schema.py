"""The columns that are declared and those the metastore has in; what has to be added, or why not, out. Pure.

Columns are only ever added: files that stay have the others.
"""

from collections.abc import Mapping

from eyeshot.table import PARTITION_KEYS, Column, Table


class SchemaRefused(Exception):
    """The metastore's table cannot become the declared one; the message says which column, and why."""


def missing(table: Table, columns: Mapping[str, str], partition_keys: Mapping[str, str]) -> list[Column]:
    """The declared columns that a table with these columns (name → Hive type) lacks, in order. Raises SchemaRefused."""
    if list(partition_keys.items()) != [(key, "string") for key in PARTITION_KEYS]:
        keys = ", ".join(f"{name} {type_}" for name, type_ in partition_keys.items()) or "nothing"
        raise SchemaRefused(f"{table.name} is partitioned by {keys}, not by the strings {', '.join(PARTITION_KEYS)}")
    declared = {column.name: column.type for column in table.columns}
    for name, type_ in columns.items():
        if name not in declared:
            raise SchemaRefused(
                f"{table.name}.{name} ({type_}) is in the metastore but is not declared:"
                " columns are never removed, because files that stay have them"
            )
        if type_ != declared[name]:
            raise SchemaRefused(
                f"{table.name}.{name} is {type_} in the metastore but is declared as {declared[name]}:"
                " types are never changed, because files that stay have the old one; declare a new column"
            )
    return [column for column in table.columns if column.name not in columns]
