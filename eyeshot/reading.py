"""A record's bytes in; its batch, its valid events, its rejected ones and every undeclared field out.

The collector answers with it and the compactor stores with it, so both give the same verdict on the same bytes.
Three forms are read (design, section 3): a collected batch in its envelope, a bare batch, a single event.
"""

from typing import Any, NamedTuple, TypeVar

import msgspec

from eyeshot.event import DEPTH_MAX, EVENTS_MAX, IDENTITY, EpochMs, Event, Head
from eyeshot.fields import EVENT_FIELDS, HEAD_FIELDS, Field

S = TypeVar("S", bound=msgspec.Struct)
Object = dict[str, Any]


class InvalidBatch(Exception):
    """The bytes hold no batch at all; the message says what was expected, and where."""


class Rejection(msgspec.Struct, frozen=True):
    """An event that is not stored as one: its place in the batch, and why."""

    index: int
    reason: str


class ReadEvent(msgspec.Struct, frozen=True):
    """A valid event, its place in the batch, and the fields of it that nobody declared."""

    index: int
    event: Event
    undeclared: Object


class Reading(NamedTuple):
    """Everything a batch says: what its events share, the valid ones, the others, and what nobody declared."""

    head: Head
    events: list[ReadEvent]
    rejected: list[Rejection]
    undeclared: Object


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What the collector knows of a batch: its clock (epoch ms), the reader's agent and truncated address."""

    received_at: EpochMs
    user_agent: str | None = None
    ip_prefix: str | None = None


class Record(NamedTuple):
    """A Kafka record's value. Without an envelope, a producer wrote it straight to the topic."""

    envelope: Envelope | None
    reading: Reading
    undeclared: Object


def read_record(value: bytes) -> Record:
    """Read a record of the topic in any of its three forms. Raises InvalidBatch when it is none of them."""
    document = as_object(decode_json(value), "$")
    if "batch" in document and "event_type" not in document and "et" not in document:
        known, undeclared = _split(document, _ENVELOPE_NAMES)
        batch = as_object(known.pop("batch"), "$.batch")
        return Record(_convert(known, Envelope, "$"), read_batch(batch, "$.batch"), undeclared)
    if "events" in document or "e" in document:
        return Record(None, read_batch(document), {})
    return Record(None, _read_single(document), {})


def read_batch(document: Object, at: str = "$") -> Reading:
    """Read a batch that was decoded from JSON. `at` is its place in the record, for the messages."""
    known, undeclared = _split(document, _BATCH_NAMES)
    events = _events(known.pop("events", None), at)
    head = _head(known, at)
    valid, rejected = [], []
    for index, event in enumerate(events):
        place = f"{at}.events[{index}]"
        try:
            declared, rest = _split(as_object(event, place), _EVENT_NAMES)
            valid.append(ReadEvent(index, _convert(declared, Event, place), rest))
        except InvalidBatch as error:
            rejected.append(Rejection(index, str(error)))
    return Reading(head, valid, rejected, undeclared)


def decode_json(value: bytes) -> object:
    """Decode JSON. Raises InvalidBatch: not JSON, with the byte's number, or deeper than DEPTH_MAX levels."""
    if not value:
        raise InvalidBatch("Expected JSON, got nothing")
    try:
        document = msgspec.json.decode(value)
    except RecursionError:
        raise InvalidBatch(f"JSON is nested more than {DEPTH_MAX} levels deep") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidBatch(str(error)) from None
    if _deeper_than(DEPTH_MAX, document):
        raise InvalidBatch(f"JSON is nested more than {DEPTH_MAX} levels deep")
    return document


def _deeper_than(levels: int, document: Any) -> bool:
    level = [document]
    for _ in range(levels):
        level = [
            inner
            for outer in level
            if type(outer) in (dict, list)
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) in (dict, list)
        ]
        if not level:
            return False
    return True


def _read_single(document: Object) -> Reading:
    known, undeclared = _split(document, _SINGLE_NAMES)
    head = {name: known.pop(name) for name in list(known) if name in _HEAD_KEYS}
    return Reading(
        _head(head, "$"),
        [ReadEvent(0, _convert(known, Event, "$"), undeclared)],
        [],
        {},
    )


def _head(known: Object, at: str) -> Head:
    head = _convert(known, Head, at)
    named = [name for name in IDENTITY if getattr(head, name) is not None]
    if named and len(named) < len(IDENTITY):
        missing = next(name for name in IDENTITY if name not in named)
        raise InvalidBatch(f"Object missing required field `{missing}`, which goes with `{named[0]}` - at `{at}`")
    return head


def _events(value: object, at: str) -> list[Any]:
    if value is None:
        raise InvalidBatch(f"Object missing required field `events` - at `{at}`")
    if not isinstance(value, list):
        raise InvalidBatch(f"Expected `array`, got `{_json_type(value)}` - at `{at}.events`")
    if not 1 <= len(value) <= EVENTS_MAX:
        raise InvalidBatch(f"Expected `array` of length 1…{EVENTS_MAX}, got {len(value)} - at `{at}.events`")
    return value


def _split(document: Object, names: dict[str, str]) -> tuple[Object, Object]:
    """Declared fields under their full names, and the rest. If a field comes under both names the short one counts."""
    known: Object = {}
    undeclared: Object = {}
    for key, value in document.items():
        name = names.get(key)
        if name is None or (key == name and _SHORT.get(name) in document):
            undeclared[key] = value
        else:
            known[name] = value
    return known, undeclared


def _convert(known: Object, struct: type[S], at: str) -> S:
    try:
        return msgspec.convert(known, struct)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$")
        raise InvalidBatch(f"{reason} - at `{at}{place.rstrip('`')}`") from None


def as_object(value: object, at: str) -> Object:
    """The value, if it is a JSON object. Raises InvalidBatch, naming its place, when it is not."""
    if not isinstance(value, dict):
        raise InvalidBatch(f"Expected `object`, got `{_json_type(value)}` - at `{at}`")
    return value


def _json_type(value: object) -> str:
    return {list: "array", dict: "object", type(None): "null"}.get(type(value), type(value).__name__)


def _names(fields: list[Field]) -> dict[str, str]:
    return {field.short: field.name for field in fields} | {field.name: field.name for field in fields}


_SHORT = {field.name: field.short for field in (*HEAD_FIELDS, *EVENT_FIELDS)} | {"events": "e"}
_HEAD_NAMES = _names(HEAD_FIELDS)
_HEAD_KEYS = set(_HEAD_NAMES.values())
_EVENT_NAMES = _names(EVENT_FIELDS)
_SINGLE_NAMES = _HEAD_NAMES | _EVENT_NAMES
_BATCH_NAMES = _HEAD_NAMES | {"events": "events", "e": "events"}
_ENVELOPE_NAMES = {name: name for name in (*Envelope.__struct_fields__, "batch")}
