"""The description of the HTTP interface for machines, made from the event's own structs."""

from typing import Any

import msgspec

from eyeshot.event import Batch
from eyeshot.fields import BATCH_FIELDS, EVENT_FIELDS, Field
from eyeshot.verdict import REQUIRED

_TEXT = {"text/plain": {"schema": {"type": "string"}}}
_RETRY = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds"}}


def openapi() -> dict[str, Any]:
    """An OpenAPI 3.1 document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Eyeshot collector",
            "version": "1",
            "description": "Takes batches of events. docs/http.md says what every answer means. "
            "Integers have no fraction: `1.0`, which JSON Schema takes for one, is refused.",
        },
        "paths": {
            "/v1/events": {"post": _post()},
            "/health/live": {"get": _page("Whether the process answers", {"200": "It does"})},
            "/health/ready": {
                "get": _page(
                    "Whether events can be made durable", {"200": "They can", "503": "They cannot, for this reason"}
                )
            },
            "/metrics": {"get": _page("Metrics for Prometheus", {"200": "The metrics"})},
        },
        "components": {"schemas": _schemas()},
    }


def _post() -> dict[str, Any]:
    body = {"schema": {"$ref": "#/components/schemas/Batch"}}
    return {
        "summary": "Take one batch; 202 means it is durable",
        "parameters": [
            {"name": "Origin", "in": "header", "schema": {"type": "string"}, "description": "The page's origin"},
        ],
        "requestBody": {"required": True, "content": {"application/json": body, "text/plain": body}},
        "responses": {
            "202": _json("Durable; invalid events are named, and stored as rejected", "Accepted"),
            "400": _json("No valid batch; `error` says what was expected, and where", "Error"),
            "403": _json("Unknown site, an origin that is not the site's, or the reader opted out", "Error"),
            "405": _json("Not a POST", "Error"),
            "408": _json("The body did not arrive in time", "Error"),
            "413": _json("The body, or what it inflates to, is too large", "Error"),
            "429": _json("Over a quota", "Error") | {"headers": _RETRY},
            "431": {"description": "URL and headers are too large"},
            "503": _json("Not durable now, or too much at once", "Error") | {"headers": _RETRY},
        },
    }


def _page(summary: str, answers: dict[str, str]) -> dict[str, Any]:
    responses = {status: {"description": text, "content": _TEXT} for status, text in answers.items()}
    return {"summary": summary, "responses": responses}


def _json(description: str, schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}


def _schemas() -> dict[str, Any]:
    _, components = msgspec.json.schema_components([Batch], ref_template="#/components/schemas/{name}")
    for name, fields in (("Batch", BATCH_FIELDS), ("Event", EVENT_FIELDS)):
        _add_short_names(components[name], fields)
    return components | {"Accepted": _ACCEPTED, "Error": _ERROR}


def _add_short_names(schema: dict[str, Any], fields: list[Field]) -> None:
    """Each field comes under its full or its short name, so neither is required by itself."""
    properties = schema["properties"]
    for name in REQUIRED:
        if "anyOf" in properties.get(name, {}):
            properties[name]["anyOf"] = [kind for kind in properties[name]["anyOf"] if kind != {"type": "null"}]
    properties |= {field.short: properties[field.name] for field in fields}
    # Over HTTP a batch must have its identity and its sending time, which in the topic may be absent.
    required = [field for field in fields if field.required or field.name in REQUIRED]
    schema["allOf"] = [{"anyOf": [{"required": [field.name]}, {"required": [field.short]}]} for field in required]
    schema.pop("required", None)


_ERROR = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
_REJECTION = {
    "type": "object",
    "required": ["index", "reason"],
    "properties": {"index": {"type": "integer", "minimum": 0}, "reason": {"type": "string"}},
}
_ACCEPTED = {
    "type": "object",
    "required": ["accepted", "rejected"],
    "properties": {
        "accepted": {"type": "integer", "minimum": 0},
        "rejected": {"type": "array", "items": _REJECTION},
    },
}
