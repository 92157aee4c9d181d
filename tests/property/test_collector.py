"""What holds for every body: an answer that is no 500, sums that hold, and nothing stored that cannot be read."""

import gzip
import json
import random
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eyeshot.reading import read_record
from services.collector.settings import Collector
from tests.builders import batch, encoded, event
from tests.collector import Running, run, sums
from tests.property.test_event import JSON, batches

GENEROUS = Collector(
    address_requests_burst=10_000_000, address_requests_per_second=1_000_000, inflated_bytes_max=200_000
)
STATUSES = {202, 400, 403, 413, 429}
SEED = encoded(batch(p="https://a.example/?b", e=[event(x={"price": 1.5, "name": "é"}, vr=0.5)] * 2))


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with run(GENEROUS) as running:
        yield running


def mutated(seed: int) -> bytes:
    """The seed batch with some bytes replaced, doubled, dropped or swapped for what breaks parsers."""
    dice = random.Random(seed)
    body = bytearray(SEED)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(body))
        match dice.randrange(5):
            case 0:
                body[at] = dice.randrange(256)
            case 1:
                del body[at : at + dice.randint(1, 20)]
            case 2:
                body[at:at] = body[at : at + dice.randint(1, 40)]
            case 3:
                body[at:at] = dice.choice(NASTY)
            case _:
                body[at : at + 1] = dice.choice((b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\0", b"\xff"))
        body = body or bytearray(SEED)
    return bytes(body)


NASTY = (
    b"1e999", b"-1e999", b"9" * 400, b"NaN", b"Infinity", b"null", b"true", b'"\\ud800"', b'"\\u0000"', b"\\u003f",
    b'"' + b"x" * 3000 + b'"', b"[" * 200, b'{"a":' * 200, b"\xed\xa0\x80", b"\xc0\xaf", b"\xef\xbb\xbf", b"?", b"//",
)  # fmt: skip


def check(running: Running, body: bytes, headers: dict[str, str] | None = None) -> int:
    stored = len(running.publisher.records)
    answer = running.client.post("/v1/events", content=body, headers=headers)
    assert answer.status_code in STATUSES, (answer.status_code, body)
    new = running.publisher.records[stored:]
    assert len(new) == (answer.status_code == 202)
    for _, value in new:
        reading = read_record(value).reading
        told = answer.json()
        assert (len(reading.events), len(reading.rejected)) == (told["accepted"], len(told["rejected"]))
        assert not reading.head.page or "?" not in reading.head.page
        assert all("?" not in (each.event.link or "") for each in reading.events)
    running.publisher.records.clear()
    return answer.status_code


@pytest.mark.parametrize("block", range(10))
def test_thousands_of_mutated_bodies_are_each_answered(running: Running, block: int):
    seen = {check(running, mutated(seed)) for seed in range(block * 200, block * 200 + 200)}
    assert {202, 400} <= seen


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=200) | JSON.map(lambda v: json.dumps(v).encode()) | batches().map(encoded))
def test_any_body_is_answered_with_or_without_gzip(running: Running, body: bytes):
    plain = check(running, body)
    assert check(running, gzip.compress(body), {"Content-Encoding": "gzip"}) == plain
    assert check(running, body, {"Content-Encoding": "gzip"}) in {400, 413}


def test_after_all_of_it_the_sums_hold(running: Running):
    found = list(sums(running.client.get("/metrics").text, spool=False, idle=True))
    assert len(found) > 3
    for line, left, right in found:
        assert left == right, line
