"""A record's value in; what one typed pass reads of it out, or None when reading.py has to look at it.

The pass refuses whatever it does not know: a field that nobody declared, a second name, a value out of its bounds, a
missing one. So what it lets through is read as reading.py reads it, record by record, and nothing else can be in it.
Only patterns, and the rule that an identity is whole, are left to be checked over whole columns (columns.py): Python's
regular expressions would cost more than the rest of the pass.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from eyeshot.event import EVENTS_MAX, Event, Head
from eyeshot.fields import short_names
from eyeshot.reading import Envelope

ENVELOPE_START = b'{"received_at":'  # how the collector begins every record
_TUPLE: Any = tuple
REFUSALS = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)


def collected_or_single(value: bytes) -> Any:
    """The collected batch in short names, or the single event in full names, that the value is; else None."""
    try:
        return read_collected(value) if value.startswith(ENVELOPE_START) else read_single(value)
    except REFUSALS:
        return None


def _twin(name: str, *structs: type[msgspec.Struct], rename: dict[str, str] | None = None, **more: Any) -> Any:
    """One struct with the fields of all, without their patterns, that refuses fields it does not know."""
    required, optional = [], []
    for struct in structs:
        hints = get_type_hints(struct, include_extras=True)
        for field in msgspec.structs.fields(struct):
            hint = _plain_hint(hints[field.name])
            if field.required:
                required.append((field.name, hint))
            else:
                optional.append((field.name, hint, None))
    return msgspec.defstruct(
        name,
        [*required, *optional, *more.items()],
        rename=rename,
        kw_only=True,
        forbid_unknown_fields=True,
        gc=False,  # they hold no cycles, and there are millions of them
    )


def _plain_hint(hint: Any) -> Any:
    if get_origin(hint) is Annotated:
        inner, *notes = get_args(hint)
        if get_origin(inner) is list and (length := _only_length(notes)):
            return _TUPLE[get_args(inner) * length]  # reads the same, in half the time
        kept = [note for note in notes if not (isinstance(note, Meta) and note.pattern)]
        inner = _plain_hint(inner)
        return Annotated[(inner, *kept)] if kept else inner
    if type(None) in get_args(hint):
        return _plain_hint(get_args(hint)[0]) | None
    return hint


def _only_length(notes: Sequence[Any]) -> int | None:
    """How long a list must be, when only one length will do."""
    for note in notes:
        if isinstance(note, Meta) and note.max_length is not None and note.min_length == note.max_length:
            return note.max_length
    return None


_PLAIN_EVENT: Any = _twin("PlainEvent", Event, rename=short_names(Event))
_PLAIN_EVENTS: Any = Annotated[list[_PLAIN_EVENT], Meta(min_length=1, max_length=EVENTS_MAX)]
_PLAIN_BATCH = _twin("PlainBatch", Head, rename={**short_names(Head), "events": "e"}, events=_PLAIN_EVENTS)

Collected = _twin("Collected", Envelope, batch=_PLAIN_BATCH)
Single = _twin("Single", Head, Event)

# A Collected, or a Single, of a value; they raise one of REFUSALS when it is none.
read_collected: Callable[[bytes], Any] = msgspec.json.Decoder(Collected).decode
read_single: Callable[[bytes], Any] = msgspec.json.Decoder(Single).decode
