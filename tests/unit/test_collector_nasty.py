"""Bodies that are meant to hurt, by name: each is answered, cheaply, and never with 500."""

import gzip
import time
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest

from eyeshot.reading import read_record
from services.collector.settings import MIB, Collector
from tests.builders import batch, encoded, event
from tests.collector import Running, run, sums

SECONDS_MAX = 2.0
GZIP = {"Content-Encoding": "gzip"}
HEAD = encoded(batch()).partition(b'"e"')[0]


@pytest.fixture
def running() -> Iterator[Running]:
    with run(Collector()) as running:
        yield running


BOMB = gzip.compress(b" " * (30 * MIB))
NASTY = {
    "gzip bomb": (BOMB, GZIP, 413),
    "gzip bomb in a gzip bomb": (gzip.compress(BOMB), GZIP, 400),
    "two gzip streams": (gzip.compress(b"{") + gzip.compress(b"}"), GZIP, 400),
    "gzip without an end": (gzip.compress(encoded(batch()))[:-8], GZIP, 400),
    "zlib that says it is gzip": (zlib.compress(encoded(batch())), GZIP, 400),
    "an encoding nobody knows": (encoded(batch()), {"Content-Encoding": "br"}, 400),
    "deep arrays": (HEAD + b'"z":' + b"[" * 30_000 + b"]" * 30_000 + b',"e":[]}', {}, 400),
    "deep objects": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, {}, 400),
    "deep arrays without an end": (b"[" * 60_000, {}, 400),
    "an integer of 60,000 digits": (HEAD + b'"z":' + b"9" * 60_000 + b',"e":[{"et":"a","ts":1}]}', {}, 400),
    "a float beyond all floats": (HEAD + b'"z":1e999999,"e":[{"et":"a","ts":1}]}', {}, 400),
    "a lone surrogate": (encoded(batch()).replace(b"demo", b"\\ud800"), {}, 400),
    "a surrogate in UTF-8": (encoded(batch()).replace(b"demo", b"\xed\xa0\x80"), {}, 400),
    "overlong UTF-8": (encoded(batch()).replace(b"demo", b"\xc0\xae"), {}, 400),
    "a byte order mark": (b"\xef\xbb\xbf" + encoded(batch()), {}, 400),
    "UTF-16": (encoded(batch()).decode().encode("utf-16"), {}, 400),
    "a NUL byte": (encoded(batch()).replace(b"demo", b"de\0mo"), {}, 400),
    "NaN": (encoded(batch()).replace(b'"n": 0', b'"n": NaN'), {}, 400),
    "nothing": (b"", {}, 400),
    "501 events": (encoded(batch(e=[{"et": "a", "ts": 1}] * 501)), {}, 400),
    "5,000 distinct keys": (encoded(batch(**{f"k{n}": 1 for n in range(5_000)})), {}, 202),
    "60,000 commas": (HEAD + b'"z":[' + b"1," * 30_000 + b'1],"e":[{"et":"a","ts":1}]}', {}, 202),
    "an announced length that is no number": (encoded(batch()), {"Content-Length": "9" * 30}, 202),
}


@pytest.mark.parametrize("name", NASTY)
def test_what_is_meant_to_hurt_is_answered_quickly_and_the_next_request_is_served(running: Running, name: str):
    body, headers, status = NASTY[name]
    started = time.perf_counter()
    assert running.client.post("/v1/events", content=body, headers=headers).status_code == status
    assert time.perf_counter() - started < SECONDS_MAX
    assert running.post(batch()).status_code == 202
    assert all(left == right for _, left, right in sums(running.client.get("/metrics").text, spool=False, idle=True))


def test_a_bomb_takes_no_more_memory_than_the_limit(running: Running):
    bomb = gzip.compress(b" " * (60 * MIB))
    assert len(bomb) < Collector().body_bytes_max
    tracemalloc.start()
    for _ in range(5):
        assert running.client.post("/v1/events", content=bomb, headers=GZIP).status_code == 413
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * Collector().inflated_bytes_max


def test_of_duplicate_keys_the_last_counts_for_the_answer_and_for_what_is_stored(running: Running):
    body = encoded(batch()).replace(b'{"s"', b'{"s":"stranger","p":"https://a.example/?token=1","s"', 1)
    assert running.client.post("/v1/events", content=body).status_code == 202
    ((_, value),) = running.publisher.records
    head = read_record(value).reading.head
    assert (head.site, head.page) == ("demo", batch()["p"])


def test_a_question_mark_in_an_earlier_duplicate_leaves_nothing_behind(running: Running):
    body = encoded(batch()).replace(b'"p": "', b'"p":"https://a.example/?token=secret","p": "', 1)
    assert running.client.post("/v1/events", content=body).status_code == 202
    ((_, value),) = running.publisher.records
    assert b"secret" not in value


def test_nul_in_an_escape_is_kept_as_it_was_sent(running: Running):
    running.post(batch(e=[event(lb="a\0b")]))
    ((_, value),) = running.publisher.records
    assert read_record(value).reading.events[0].event.label == "a\0b"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://" + "a" * 10_000},
        {"User-Agent": "\xff" * 5_000},
        {"X-Forwarded-For": "1," * 5_000},
        {"Content-Type": "multipart/form-data"},
        {"Cookie": "a=" + "b" * 8_000},
    ],
)
def test_strange_headers_break_nothing(running: Running, headers: dict[str, str]):
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = running.client.post("/v1/events", content=encoded(batch()), headers=raw)  # type: ignore[arg-type]
    assert answer.status_code in {202, 403}
