"""Valid objects to begin from; override by name."""

import json
from typing import Any

import msgspec

from services.compactor.rows import KafkaRecord

NOW_MS = 1_764_072_000_000  # 2025-11-25T12:00:00Z
PAGE_VIEW = "abcdefghijklmnopqrstuv"


def event(**changes: Any) -> dict[str, Any]:
    """An event as the SDK sends it."""
    return {"et": "link_impression", "ts": NOW_MS - 1_000, "l": "https://shop.example/a", "pl": "inline"} | changes


def batch(**changes: Any) -> dict[str, Any]:
    """A batch as the SDK sends it."""
    return {
        "s": "demo",
        "p": "https://news.example/article",
        "pv": PAGE_VIEW,
        "so": "page",
        "n": 0,
        "st": NOW_MS,
        "v": "0.1.0",
        "vp": [1280, 720],
        "e": [event()],
    } | changes


def single(**changes: Any) -> dict[str, Any]:
    """An event as a backend produces it."""
    return {"site": "demo", "event_type": "mail_opened", "timestamp": NOW_MS} | changes


def collected(posted: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A batch in the collector's envelope."""
    return {
        "received_at": NOW_MS,
        "user_agent": None,
        "ip_prefix": "192.0.2.0/24",
        "batch": posted or batch(),
    } | changes


def record(value: dict[str, Any] | bytes, **changes: Any) -> KafkaRecord:
    """A Kafka record with that value."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return msgspec.structs.replace(KafkaRecord(partition=0, offset=0, timestamp=NOW_MS, value=raw), **changes)


def encoded(value: dict[str, Any]) -> bytes:
    """The JSON of a batch."""
    return json.dumps(value).encode()


def without(value: dict[str, Any], *names: str) -> dict[str, Any]:
    """The object without those fields."""
    return {name: each for name, each in value.items() if name not in names}
