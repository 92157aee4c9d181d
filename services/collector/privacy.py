"""A posted batch and what the reader and the site allow in; the batch with nothing more than that out."""

from collections.abc import Collection, Mapping
from typing import Literal
from urllib.parse import unquote_plus

import msgspec

Consent = Literal["keep", "minimise", "drop"]
_ORDER: tuple[Consent, ...] = ("keep", "minimise", "drop")

_HEAD_URLS = ("page", "p", "referrer", "r")
_EVENT_URLS = ("link", "l")
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])


def consent(headers: Mapping[bytes, bytes], *, gpc: str, dnt: str) -> Consent:
    """What may be stored of a reader who sends `Sec-GPC: 1` or `DNT: 1`; the stricter of the two counts."""
    wishes = [setting for name, setting in ((b"sec-gpc", gpc), (b"dnt", dnt)) if headers.get(name) == b"1"]
    return max((each for each in _ORDER if each in wishes), key=_ORDER.index, default="keep")


def strip_queries(batch: bytes, names: Collection[str]) -> bytes:
    """The batch without query strings in page, referrer and link, but for the parameters of those names.

    The batch was judged valid before. Without a question mark in it, the very same bytes return. Otherwise objects that
    hold one are put together again: every value keeps its bytes, but of a key that came twice only the last stays,
    because that is the one which was judged.
    """
    if not _may_hold_query(batch):
        return batch
    document = _OBJECT.decode(batch)
    _strip(document, _HEAD_URLS, names)
    for name in ("events", "e"):
        if name in document and _may_hold_query(bytes(document[name])):
            document[name] = _strip_events(document[name], names)
    return msgspec.json.encode(document)


def strip_query(url: str, names: Collection[str]) -> str:
    """A URL without its query string, but for those names; a route in the fragment may have one too."""
    front, hash_sign, fragment = url.partition("#")
    return _strip_part(front, names) + hash_sign + _strip_part(fragment, names)


def _strip_part(part: str, names: Collection[str]) -> str:
    front, _, query = part.partition("?")
    kept = [pair for pair in query.split("&") if unquote_plus(pair.partition("=")[0]) in names] if names else []
    return f"{front}?{'&'.join(kept)}" if kept else front


def _may_hold_query(raw: bytes) -> bool:
    return b"?" in raw or b"\\u" in raw  # an escape may hide a question mark


def _strip_events(events: msgspec.Raw, names: Collection[str]) -> msgspec.Raw:
    if not bytes(events).lstrip().startswith(b"["):
        return events
    return msgspec.Raw(msgspec.json.encode([_strip_event(event, names) for event in _LIST.decode(events)]))


def _strip_event(event: msgspec.Raw, names: Collection[str]) -> msgspec.Raw:
    raw = bytes(event)
    if not _may_hold_query(raw) or not raw.lstrip().startswith(b"{"):
        return event
    document = _OBJECT.decode(event)
    _strip(document, _EVENT_URLS, names)
    return msgspec.Raw(msgspec.json.encode(document))


def _strip(document: dict[str, msgspec.Raw], urls: Collection[str], names: Collection[str]) -> None:
    for name in urls:
        if name not in document or not _may_hold_query(bytes(document[name])):
            continue
        value = msgspec.json.decode(document[name])
        if isinstance(value, str):
            document[name] = msgspec.Raw(msgspec.json.encode(strip_query(value, names)))
