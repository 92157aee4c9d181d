"""A table of the lake in; the Arrow schemas of its files and of its rows in memory out."""

import pyarrow as pa

from eyeshot.fields import HEAD_FIELDS
from eyeshot.table import Table

_ARROW_TYPES = {
    "string": pa.string(),
    "bigint": pa.int64(),
    "int": pa.int32(),
    "double": pa.float64(),
    "array<int>": pa.list_(pa.int32()),
    "timestamp": pa.timestamp("ms"),
    "binary": pa.binary(),
}
CODED = pa.dictionary(pa.int32(), pa.string())
_OF_THE_READER = ("user_agent_browser", "user_agent_os", "user_agent_device", "ip_prefix", "suspect")
_OF_FEW_VALUES = ("event_type", "placement", "widget")

# What all events of a batch share, and what has few values: held once in memory, not once per row.
SHARED = frozenset([*(each.name for each in HEAD_FIELDS if each.kind == "string"), *_OF_THE_READER, *_OF_FEW_VALUES])


def arrow_schema(table: Table) -> pa.Schema:
    """The Arrow schema of a table's files; partition keys are not in it."""
    return pa.schema([pa.field(column.name, _ARROW_TYPES[column.type]) for column in table.columns])


def decoded_schema(table: Table) -> pa.Schema:
    """The same columns as decoding leaves them: strings with few values, or one a batch, are dictionary-coded."""
    return pa.schema([field.with_type(CODED) if field.name in SHARED else field for field in arrow_schema(table)])
