"""What schemathesis has to be told besides /openapi.json, and /openapi.json says in words alone."""

from typing import Any

import schemathesis


def whole(value: Any) -> Any:
    """Whole numbers without a fraction: JSON Schema takes 1.0 for an integer, the collector does not."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [whole(each) for each in value]
    if isinstance(value, dict):
        return {name: whole(each) for name, each in value.items()}
    return value


def map_body(_: Any, body: Any) -> Any:
    """Called for every generated body."""
    return whole(body)


schemathesis.hook(map_body)
