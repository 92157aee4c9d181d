"""The event's structs in; the JSON Schema of a batch in full names out."""

import json

import msgspec

from eyeshot.event import NO_NEWLINE, Batch


def render() -> str:
    """The text of docs/schema/batch.schema.json."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **msgspec.json.schema(Batch),
    }
    # In a JSON Schema `$` already means the very end, so the guard against Python's `$` would only puzzle its reader.
    return json.dumps(schema, indent=2).replace(json.dumps(NO_NEWLINE)[1:-1], "") + "\n"
