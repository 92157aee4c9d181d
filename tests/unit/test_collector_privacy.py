"""What of a batch is kept: URLs without query strings, and every other byte as it was."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collector.privacy import consent, strip_queries, strip_query
from tests.builders import batch, encoded, event

NOBODY: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("url", "names", "kept"),
    [
        ("https://a.example/b", (), "https://a.example/b"),
        ("https://a.example/b?c=d", (), "https://a.example/b"),
        ("https://a.example/b?c=d#e", (), "https://a.example/b#e"),
        ("https://a.example/#/route?token=1", (), "https://a.example/#/route"),
        ("https://a.example/?a=1&b=2&a=3", ("a",), "https://a.example/?a=1&a=3"),
        ("https://a.example/?a%5B%5D=1&b=2", ("a[]",), "https://a.example/?a%5B%5D=1"),
        ("https://a.example/?b=2#x?a=1", ("a",), "https://a.example/#x?a=1"),
        ("?", (), ""),
    ],
)
def test_a_url_keeps_only_the_parameters_that_are_allowed(url: str, names: tuple[str, ...], kept: str):
    assert strip_query(url, names) == kept


def test_a_batch_without_a_question_mark_is_the_very_same_bytes():
    posted = encoded(batch(note="why", e=[event(lb="what")]))
    assert strip_queries(posted, NOBODY) is posted


def test_a_question_mark_elsewhere_changes_nothing():
    posted = batch(note="why?", e=[event(lb="what?")])
    assert json.loads(strip_queries(encoded(posted), NOBODY)) == posted


@pytest.mark.parametrize(
    "posted",
    [
        b'{"p":"a?secret","p":"b","e":[]}',
        b'{"p":"b","e":[{"l":"a?secret","l":"b"}]}',
        b'{"e":[{"l":"?secret"}],"e":[]}',
    ],
)
def test_of_a_key_that_comes_twice_the_first_value_does_not_slip_through(posted: bytes):
    assert b"secret" not in strip_queries(posted, NOBODY)


def test_a_question_mark_hidden_in_an_escape_is_found():
    posted = encoded(batch()).replace(b"/article", b"/article\\u003ftoken=1")
    assert json.loads(strip_queries(posted, NOBODY)) == batch()


def test_full_names_are_stripped_too_and_only_urls():
    posted = batch(page="https://a.example/?a", r="https://b.example/?b", x="c?", e=[{"link": "d?", "lb": "e?"}])
    kept = json.loads(strip_queries(encoded(posted), NOBODY))
    assert (kept["page"], kept["r"], kept["x"]) == ("https://a.example/", "https://b.example/", "c?")
    assert kept["e"] == [{"link": "d", "lb": "e?"}]


@pytest.mark.parametrize("strange", [{"p": 1}, {"p": None}, {"e": [{"l": ["?"]}]}, {"e": "?"}, {"e": [1, "?"]}])
def test_what_is_no_string_is_left_alone(strange: dict[str, object]):
    posted = encoded(batch(lb="?") | strange)
    assert json.loads(strip_queries(posted, NOBODY)) == json.loads(posted)


def test_numbers_keep_their_digits_when_the_batch_is_rewritten():
    posted = b'{"p":"a?b","big":123456789012345678901234567890,"f":1.00,"e":[{"l":"c?d","x":{"f":1e2}}]}'
    expected = b'{"p":"a","big":123456789012345678901234567890,"f":1.00,"e":[{"l":"c","x":{"f":1e2}}]}'
    assert strip_queries(posted, NOBODY) == expected


@given(st.text(max_size=30), st.frozensets(st.text(min_size=1, max_size=3), max_size=2))
def test_stripping_twice_is_stripping_once(url: str, names: frozenset[str]):
    once = strip_query(url, names)
    assert strip_query(once, names) == once
    assert names or "?" not in once.partition("#")[0]


@pytest.mark.parametrize(
    ("headers", "gpc", "dnt", "wish"),
    [
        ({}, "drop", "drop", "keep"),
        ({b"sec-gpc": b"1"}, "drop", "ignore", "drop"),
        ({b"sec-gpc": b"1"}, "ignore", "drop", "keep"),
        ({b"sec-gpc": b"0", b"dnt": b"1"}, "drop", "minimise", "minimise"),
        ({b"sec-gpc": b"1", b"dnt": b"1"}, "minimise", "drop", "drop"),
    ],
)
def test_the_stricter_wish_counts(headers: dict[bytes, bytes], gpc: str, dnt: str, wish: str):
    assert consent(headers, gpc=gpc, dnt=dnt) == wish
