"""What became of a request in; the answer that goes back, and its headers or its whole bytes, out."""

from collections.abc import Collection
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple

import msgspec

from eyeshot.reading import Rejection
from services.collector.core import retry_after
from services.collector.refusals import Overloaded, Refusal

Header = tuple[bytes, bytes]

_ALWAYS: tuple[Header, ...] = (
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"vary", b"Origin"),
)
_PREFLIGHT: tuple[Header, ...] = (
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"content-type, content-encoding"),
    (b"access-control-max-age", b"86400"),
)


class Answer(NamedTuple):
    """What goes back, and the name it is counted under. `retry_after` is in seconds."""

    status: int
    reason: str
    body: bytes
    retry_after: str | None = None
    close: bool = False


PREFLIGHT = Answer(204, "preflight", b"")
FAILED = Answer(500, "error", b"", close=True)


@lru_cache(maxsize=1_000)
def all_stored(events: int) -> Answer:
    """The batch is durable, and all of its events are valid: what nearly every answer says."""
    return stored(events, ())


def stored(accepted: int, rejected: Collection[Rejection]) -> Answer:
    """The batch is durable; the events that are stored as rejected are named."""
    return Answer(202, "stored", msgspec.json.encode({"accepted": accepted, "rejected": rejected}))


def refused(refusal: Refusal, chance: float) -> Answer:
    """It is not stored, and why; after a while of some chance (0…1) it may be worth another try."""
    wait = refusal.retry_after
    return Answer(
        refusal.status,
        refusal.reason,
        msgspec.json.encode({"error": str(refusal)}),
        None if wait is None else retry_after(wait, chance),
        close=refusal.status in (408, 413) or isinstance(refusal, Overloaded),
    )


def headers(answer: Answer, origin: bytes | None, *, close: bool) -> list[Header]:
    """Every answer may be read by the page that asked, refusals too: the SDK must know whether to come back."""
    found = [*_ALWAYS, (b"content-length", b"%d" % len(answer.body))]
    if origin is not None:
        found.append((b"access-control-allow-origin", origin))
    if answer.status == 204:
        found.extend(_PREFLIGHT)
    if answer.status == 405:
        found.append((b"allow", b"POST, OPTIONS"))
    if answer.retry_after:
        found.append((b"retry-after", answer.retry_after.encode()))
        found.append((b"access-control-expose-headers", b"Retry-After"))  # or the page's script cannot read it
    if close:
        found.append((b"connection", b"close"))
    return found


@lru_cache(maxsize=1_000)
def message(answer: Answer, origin: bytes | None, *, close: bool) -> bytes:
    """The answer as it goes over an HTTP/1.1 connection. Most answers are like one before."""
    lines = [b"HTTP/1.1 %d %s" % (answer.status, HTTPStatus(answer.status).phrase.encode())]
    lines += [b"%s: %s" % header for header in headers(answer, origin, close=close)]
    return b"\r\n".join([*lines, b"", answer.body])
