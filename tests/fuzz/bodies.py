"""A random source in; bodies and headers that begin as a good batch and go wrong somewhere, out."""

import gzip
import json
from copy import deepcopy
from random import Random
from typing import Any, NamedTuple

from eyeshot.fields import BATCH_FIELDS, EVENT_FIELDS
from tests.builders import batch, event

BYTES_MAX = 4096
"""Of a body: larger ones find nothing that smaller ones do not, and the limit has tests of its own."""

NAMES = [name for field in (*BATCH_FIELDS, *EVENT_FIELDS) for name in (field.name, field.short)]
FULL = {field.short: field.name for field in (*BATCH_FIELDS, *EVENT_FIELDS)}
SEEDS: list[dict[str, Any]] = [
    batch(),
    batch(e=[event(), event(vr=0.87, vd=1203, q=3, lb="Shop now", w="box", x={"a": 1, "b": None, "c": "d"})]),
    batch(so="widget12", n=7, e=[event(et="link_click"), event(et="NOT AN EVENT"), event(ts=-1)]),
    batch(r="https://news.example/?q=1", p="https://news.example/a?id=5&token=secret#top", undeclared={"deep": [1]}),
    {FULL[name]: value for name, value in batch(e=[]).items()}
    | {"events": [{FULL[name]: value for name, value in event().items()}]},
]
NUMBERS = [
    0,
    -1,
    1,
    2**31,
    2**53,
    2**63,
    2**64,
    -(2**63) - 1,
    10**40,
    253_402_300_800_000,
    1.0,
    -0.0,
    0.5,
    1e308,
    5e-324,
]
TEXTS = [
    "",
    "\0",
    "a" * 65,
    "a" * 2049,
    "page\n",
    "\ud800",
    "\U0001f600",
    "é",
    "widget0",
    "__proto__",
    "demo",
    "?",
    "1",
]
VALUES: list[Any] = [None, True, False, [], {}, [[]], [{}], {"": {}}, float("nan"), float("inf"), *NUMBERS, *TEXTS]
TOKENS = [b'"', b"\\", b"\\u0000", b"\\ud800", b"{", b"}", b"[", b"]", b",", b":", b"1e999", b"-", b"null", b"NaN"]
TOKENS += [
    b"\0",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b'"s":',
    b'"e":[',
    b'"e":',
    b"9" * 400,
    b"[" * 400,
    b'{"a":' * 100,
]
ENCODINGS = [b"gzip", b"identity", b"br", b"GZIP", b"gzip, gzip", b"\xff"]
OTHER_HEADERS = [
    (b"origin", b"http://localhost:1"),
    (b"origin", b"null"),
    (b"user-agent", b"\xff" * 600),
    (b"sec-gpc", b"1"),
    (b"dnt", b"1"),
    (b"content-length", b"9" * 30),
    (b"content-length", b"-1"),
]


class Request(NamedTuple):
    """A body, in the pieces in which it comes, and headers."""

    body: list[bytes]
    headers: list[tuple[bytes, bytes]]


def request(random: Random) -> Request:
    """The next one."""
    text = json.dumps(_document(random), ensure_ascii=random.random() < 0.9)
    body = text.encode("utf-8", "surrogatepass")[:BYTES_MAX]
    if random.random() < 0.5:
        body = _bent(random, body)
    headers = [random.choice(OTHER_HEADERS)] if random.random() < 0.2 else []
    if random.random() < 0.1:
        body, headers = _encoded(random, body, headers)
    cut = random.randrange(len(body) + 1) if random.random() < 0.1 else 0
    return Request([body[:cut], body[cut:]] if cut else [body], headers)


def _document(random: Random) -> Any:
    document = deepcopy(random.choice(SEEDS))
    for _ in range(random.choice((0, 1, 1, 2, 4))):
        _spoil(random, document)
    return document


def _spoil(random: Random, place: Any) -> None:
    """Change something at a random place of an object or a list."""
    keys = list(place) if isinstance(place, dict) else list(range(len(place)))
    if not keys:
        return
    key = random.choice(keys)
    inner = place[key]
    if isinstance(inner, dict | list) and inner and random.random() < 0.6:
        _spoil(random, inner)
    else:
        random.choice(_SPOILERS)(random, place, key)


def _replace(random: Random, place: Any, key: Any) -> None:
    place[key] = deepcopy(random.choice(VALUES))


def _remove(random: Random, place: Any, key: Any) -> None:
    del place[key]


def _rename(random: Random, place: Any, key: Any) -> None:
    if isinstance(place, dict):
        place[random.choice((*NAMES, "", "x" * 70))] = place.pop(key)
    else:
        place.append(deepcopy(place[key]))


def _nudge(random: Random, place: Any, key: Any) -> None:
    inner = place[key]
    if isinstance(inner, int | float):
        place[key] = inner + random.choice((-1, 1, 0.5, 1e10))
    elif isinstance(inner, str):
        place[key] = inner + random.choice(TEXTS)
    else:
        place[key] = [inner]


_SPOILERS = (_replace, _replace, _remove, _rename, _nudge, _nudge)


def _bent(random: Random, body: bytes) -> bytes:
    """The same bytes but for a few."""
    for _ in range(random.choice((1, 1, 2, 5))):
        at = random.randrange(len(body) + 1)
        end = min(len(body), at + random.choice((1, 1, 4, 50)))
        match random.randrange(4):
            case 0:
                body = body[:at] + random.choice(TOKENS) + body[at:]
            case 1:
                body = body[:at] + body[end:]
            case 2:
                body = body[:end] + body[at:]
            case _:
                body = body[:at] + random.randbytes(end - at) + body[end:]
    return body


def _encoded(
    random: Random, body: bytes, headers: list[tuple[bytes, bytes]]
) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    packed = gzip.compress(body, 1) if random.random() < 0.8 else body
    if random.random() < 0.2:
        packed = _bent(random, packed)
    encoding = b"gzip" if random.random() < 0.8 else random.choice(ENCODINGS)
    return packed, [*headers, (b"content-encoding", encoding)]
