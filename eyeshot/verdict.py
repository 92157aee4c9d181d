"""A posted body in; how many of its events are accepted and which are not, and the key of its record, out."""

from typing import Annotated, Any, Literal, NamedTuple, get_type_hints

import msgspec
from msgspec import Meta

from eyeshot.event import EVENTS_MAX, IDENTITY, SDK_EVENT_TYPES, Event, Head
from eyeshot.fields import short_names
from eyeshot.reading import InvalidBatch, Rejection, as_object, decode_json, read_batch

REQUIRED = (*IDENTITY, "sent_at")


class Verdict(NamedTuple):
    """What the collector answers: events accepted, the others by index, the record's key, and the site."""

    accepted: int
    rejected: tuple[Rejection, ...]
    page_view_id: str
    site: str

    @property
    def events(self) -> int:
        """Events in the batch, accepted or not."""
        return self.accepted + len(self.rejected)


def verdict(body: bytes) -> Verdict:
    """Judge a posted batch. Raises InvalidBatch when it has no valid envelope, saying what was expected and where."""
    batch = _decoded(body, _SDK_DECODER) or _decoded(body, _WIRE_DECODER)
    if batch is None or None in (batch.page_view_id, batch.source, batch.sequence, batch.sent_at):
        return _verdict_with_reasons(body)
    return Verdict(len(batch.events), (), batch.page_view_id, batch.site)


def _decoded(body: bytes, decoder: "msgspec.json.Decoder[Any]") -> Any:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def _verdict_with_reasons(body: bytes) -> Verdict:
    reading = read_batch(as_object(decode_json(body), "$"))
    for name in REQUIRED:
        if getattr(reading.head, name) is None:
            raise InvalidBatch(f"Object missing required field `{name}` - at `$`")
    assert reading.head.page_view_id is not None
    return Verdict(len(reading.events), tuple(reading.rejected), reading.head.page_view_id, reading.head.site)


def _wire_decoder(**other_hints: Any) -> "msgspec.json.Decoder[Any]":
    event: Any = _wire_twin(Event, other_hints)
    events = Annotated[list[event], Meta(min_length=1, max_length=EVENTS_MAX)]
    return msgspec.json.Decoder(_wire_twin(Head, {}, events=events))


def _wire_twin(struct: type[msgspec.Struct], other_hints: dict[str, Any], **more: Any) -> Any:
    """The same struct under its short names: one pass decodes and validates what the SDK sends.

    Unknown fields are refused here only so that the slower reading, which keeps them, gets to judge the batch.
    """
    hints = get_type_hints(struct, include_extras=True) | other_hints
    required = {field.name for field in msgspec.structs.fields(struct) if field.required}
    fields: list[Any] = [(name, hint) if name in required else (name, hint, None) for name, hint in hints.items()]
    return msgspec.defstruct(
        f"Wire{struct.__name__}",
        fields + list(more.items()),
        rename={**short_names(struct), "events": "e"},
        kw_only=True,
        forbid_unknown_fields=True,
    )


# A pattern costs a call to `re` for every event, which is half of the whole pass; the SDK's own words need none.
_SDK_DECODER = _wire_decoder(event_type=Literal[SDK_EVENT_TYPES], placement=Literal["inline", "widget"] | None)
_WIRE_DECODER = _wire_decoder()
