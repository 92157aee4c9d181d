"""What the collector decides: bodies, addresses, envelopes."""

import gzip

import pytest

from eyeshot.reading import read_record
from services.collector.core import USER_AGENT_CHARACTERS_MAX, BodyTooLarge, InvalidBody, envelope, inflate, ip_prefix
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
