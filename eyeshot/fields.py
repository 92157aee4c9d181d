"""The event's structs as a list of fields: full name, short name, kind, bounds. Everything generated starts here."""

from typing import Any, NamedTuple

import msgspec
from msgspec import inspect

from eyeshot.event import NO_NEWLINE, Batch, Event, Head


class Field(NamedTuple):
    """One declared field of a batch or an event."""

    name: str
    short: str
    kind: str  # string, bigint, double, array<int>, object or events
    required: bool
    description: str
    bounds: str


def fields_of(struct: type[msgspec.Struct]) -> list[Field]:
    """The fields of a struct in the order of their declaration."""
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    return [_field(field) for field in info.fields]


def short_names(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Full name → the name on the wire."""
    return {field.name: field.short for field in fields_of(struct)}


def _field(field: inspect.Field) -> Field:
    meta = field.type
    assert isinstance(meta, inspect.Metadata), f"{field.name} has no about()"
    inner = _without_null(meta.type)
    return Field(
        name=field.name,
        short=(meta.extra or {})["short"],
        kind=_kind(inner),
        required=field.required,
        description=(meta.extra_json_schema or {})["description"],
        bounds=_bounds(inner),
    )


def _without_null(kind: inspect.Type) -> inspect.Type:
    if isinstance(kind, inspect.UnionType):
        (kind,) = (member for member in kind.types if not isinstance(member, inspect.NoneType))
    return kind


def _kind(kind: inspect.Type) -> str:
    if isinstance(kind, inspect.ListType) and isinstance(kind.item_type, inspect.StructType):
        return "events"
    return _KINDS[type(kind)]


_KINDS: dict[type[inspect.Type], str] = {
    inspect.StrType: "string",
    inspect.IntType: "bigint",
    inspect.FloatType: "double",
    inspect.ListType: "array<int>",
    inspect.DictType: "object",
}


def _bounds(kind: Any) -> str:
    """Bounds in words, as the docs print them."""
    if isinstance(kind, inspect.StrType):
        return f"`{kind.pattern.removesuffix(NO_NEWLINE)}`" if kind.pattern else _range(kind, "characters")
    if isinstance(kind, inspect.ListType | inspect.DictType):
        return _range(kind, "entries")
    return f"{kind.ge:,}…{kind.le:,}"


def _range(kind: Any, unit: str) -> str:
    least, most = kind.min_length or 0, kind.max_length
    return f"{least}…{most} {unit}" if least != most else f"{most} {unit}"


HEAD_FIELDS = fields_of(Head)
BATCH_FIELDS = fields_of(Batch)
EVENT_FIELDS = fields_of(Event)
