"""The wire's fields as the other ways to read it want them declared."""

import pyarrow as pa

from eyeshot.fields import EVENT_FIELDS, HEAD_FIELDS, Field

_ARROW = {"string": pa.string(), "bigint": pa.int64(), "double": pa.float64(), "array<int>": pa.list_(pa.int32())}
_DUCKDB = {"string": "VARCHAR", "bigint": "BIGINT", "double": "DOUBLE", "array<int>": "INTEGER[]"}
_CODED = pa.dictionary(pa.int32(), pa.string())

_EVENT_FIELDS = [field for field in EVENT_FIELDS if field.kind != "object"]
FULL_NAMES = {field.short: field.name for field in (*HEAD_FIELDS, *EVENT_FIELDS)}
HEAD_NAMES = [field.short for field in HEAD_FIELDS]
EVENT_NAMES = [field.short for field in _EVENT_FIELDS]
ENVELOPE_NAMES = ["received_at", "user_agent", "ip_prefix"]


def _fields(fields: list[Field]) -> list[pa.Field]:
    return [pa.field(field.short, _ARROW[field.kind]) for field in fields]


_ENVELOPE = [("received_at", pa.int64()), ("user_agent", pa.string()), ("ip_prefix", pa.string())]
_BATCH = pa.struct([*_fields(HEAD_FIELDS), pa.field("e", pa.list_(pa.struct(_fields(_EVENT_FIELDS))))])

COLLECTED = pa.schema([*_ENVELOPE, ("batch", _BATCH)])
SINGLE = pa.schema([(field.name, _ARROW[field.kind]) for field in (*HEAD_FIELDS, *_EVENT_FIELDS)])
CEILING_ROW = pa.schema(
    [(field.short, _CODED if field.kind == "string" else _ARROW[field.kind]) for field in HEAD_FIELDS]
    + _fields(_EVENT_FIELDS)
    + [("received_at", pa.int64()), ("user_agent", _CODED), ("ip_prefix", _CODED)]
)


def _struct(fields: list[Field], more: str = "") -> str:
    names = ", ".join(f'"{field.short}" {_DUCKDB[field.kind]}' for field in fields)
    return f"STRUCT({names}{more})"


_DUCKDB_BATCH = _struct(HEAD_FIELDS, f", e {_struct(_EVENT_FIELDS)}[]")
DUCKDB_COLLECTED = (
    f"{{'received_at': 'BIGINT', 'user_agent': 'VARCHAR', 'ip_prefix': 'VARCHAR', 'batch': '{_DUCKDB_BATCH}'}}"
)
DUCKDB_SINGLE = str({field.name: _DUCKDB[field.kind] for field in (*HEAD_FIELDS, *_EVENT_FIELDS)})
