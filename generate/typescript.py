"""The event's structs in; the TypeScript of the wire out."""

import re

from eyeshot.event import EVENTS_MAX, QUALITY_BITS
from eyeshot.fields import BATCH_FIELDS, EVENT_FIELDS, Field
from eyeshot.verdict import REQUIRED

_TYPES = {
    "string": "string",
    "bigint": "number",
    "double": "number",
    "array<int>": "readonly [number, number]",
    "object": "Readonly<Record<string, string | number | boolean | null>>",
    "events": "readonly WireEvent[]",
}


def render() -> str:
    """The text of sdk/src/event.ts."""
    return "\n".join(
        [
            "// Generated from eyeshot/event.py by `make generate`. Do not edit.",
            "",
            f"export const EVENTS_MAX = {EVENTS_MAX};",
            "",
            "/** Doubts about an impression, as bits of `q`; the bundler puts their numbers in place. */",
            "export const enum QUALITY {",
            *(f"  /** {meaning}. */\n  {name} = {bit}," for name, (bit, meaning) in QUALITY_BITS.items()),
            "}",
            "",
            "/** What fields must be: a pattern, most characters, most entries, or [largest, whole] from 0 on. */",
            "export const EVENT_BOUNDS = {",
            *(f"  {field.short}: {_bound(field)}," for field in EVENT_FIELDS),
            "};",
            "",
            *_interface(
                "WireEvent",
                "One event, under the short names of the wire.",
                EVENT_FIELDS,
                (),
            ),
            *_interface(
                "WireBatch",
                "One batch, under the short names of the wire.",
                BATCH_FIELDS,
                REQUIRED,
            ),
        ]
    )


def _interface(name: str, about: str, fields: list[Field], required: tuple[str, ...]) -> list[str]:
    lines = [f"/** {about} */", f"export interface {name} {{"]
    for field in fields:
        optional = "" if field.required or field.name in required else "?"
        lines.append(f"  /** {field.name}: {field.description}. {field.bounds}. */")
        lines.append(f"  {field.short}{optional}: {_TYPES[field.kind]};")
    return [*lines, "}", ""]


def _bound(field: Field) -> str:
    """Bounds in words, as the docs have them, in; the same for a machine out."""
    if field.bounds.startswith("`"):
        return f"/{field.bounds.strip('`')}/"
    least, most = re.split("…", field.bounds.split(" ")[0].replace(",", ""))
    if least != "0":
        raise ValueError(f"{field.name} begins at {least}, but the SDK's check knows only 0")
    if field.kind in ("bigint", "double"):
        return f"[{most}, {str(field.kind == 'bigint').lower()}]"
    return f"{{ entries: {most} }}" if field.kind == "object" else most
