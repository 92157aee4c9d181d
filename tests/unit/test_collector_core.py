"""What the collector decides: bodies, addresses, envelopes."""

import gzip

import pytest

from eyeshot.reading import read_record
from services.collector.account import rejection_field
from services.collector.core import (
    USER_AGENT_CHARACTERS_MAX,
    client_address,
    envelope,
    inflate,
    ip_prefix,
    retry_after,
)
from services.collector.refusals import BodyTooLarge, InvalidBody
from tests.builders import batch, encoded


def test_a_gzip_body_is_inflated_up_to_the_limit_and_not_one_byte_further():
    body = gzip.compress(b"x" * 1000)
    assert inflate(body, "gzip", 1000) == b"x" * 1000
    with pytest.raises(BodyTooLarge, match="more than 999 bytes"):
        inflate(body, "gzip", 999)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(b"no gzip", "gzip"), (gzip.compress(b"half")[:-4], "gzip"), (gzip.compress(b"a") + b"b", "gzip"), (b"", "br")],
)
def test_a_body_that_is_not_what_its_header_says_is_refused(body: bytes, encoding: str):
    with pytest.raises(InvalidBody):
        inflate(body, encoding, 1000)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("testclient", None),
        (None, None),
    ],
)
def test_an_address_is_cut_to_its_network(address: str | None, network: str | None):
    assert ip_prefix(address) == network


def test_the_batch_is_passed_through_unchanged():
    posted = encoded(batch(theme="dark"))
    value = envelope(posted, received_at=1, user_agent='"quoted"\n', ip_prefix=None)
    assert posted in value
    read = read_record(value)
    assert read.envelope is not None
    assert (read.envelope.user_agent, read.reading.undeclared) == ('"quoted"\n', {"theme": "dark"})


def test_a_user_agent_is_cut_at_its_limit():
    for length in (USER_AGENT_CHARACTERS_MAX, USER_AGENT_CHARACTERS_MAX + 1):
        read = read_record(envelope(encoded(batch()), received_at=1, user_agent="x" * length, ip_prefix=None))
        assert read.envelope is not None
        assert read.envelope.user_agent == "x" * USER_AGENT_CHARACTERS_MAX


@pytest.mark.parametrize(
    ("proxies", "address"),
    [(0, "peer"), (1, "3.3.3.3"), (2, "2.2.2.2"), (3, "1.1.1.1"), (9, "1.1.1.1")],
)
def test_the_address_is_the_one_that_the_outermost_trusted_proxy_saw(proxies: int, address: str):
    assert client_address("peer", [b"1.1.1.1, 2.2.2.2", b"3.3.3.3"], proxies) == address


def test_without_the_header_the_peer_is_the_client():
    assert client_address("peer", [], 1) == "peer"
    assert client_address("peer", [b" , "], 1) == "peer"


@pytest.mark.parametrize(("seconds", "chance", "header"), [(5, 0, "5"), (5, 1, "10"), (0.1, 0, "1"), (1.01, 0, "2")])
def test_a_time_to_retry_is_spread_by_chance(seconds: float, chance: float, header: str):
    assert retry_after(seconds, chance) == header


@pytest.mark.parametrize(
    ("reason", "field"),
    [
        ("Expected `int`, got `str` - at `$.events[1].timestamp`", "timestamp"),
        ("Expected `str`, got `int` - at `$.events[0].properties[...]`", "properties"),
        ("Expected `object`, got `int` - at `$.events[0]`", "event"),
    ],
)
def test_a_rejection_is_counted_under_the_field_at_fault(reason: str, field: str):
    assert rejection_field(reason) == field
