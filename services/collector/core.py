"""What the collector decides, without I/O: bodies, addresses, envelopes."""

import ipaddress
import zlib

import msgspec

USER_AGENT_CHARACTERS_MAX = 512


class BodyTooLarge(Exception):
    """The body is larger than the limit; the message says which limit."""


class InvalidBody(Exception):
    """The body is not what its headers say."""


def inflate(body: bytes, encoding: str, limit: int) -> bytes:
    """The body as JSON bytes, its gzip undone. Never holds more than `limit` bytes, so a bomb costs nothing.

    Raises BodyTooLarge, or InvalidBody when it is not gzip or the encoding is another one.
    """
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise InvalidBody(f"Expected Content-Encoding `gzip` or none, got `{encoding}`")
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        inflated = inflater.decompress(body, limit)
    except zlib.error as error:
        raise InvalidBody(f"Body is not gzip: {error}") from None
    if inflater.unconsumed_tail:
        raise BodyTooLarge(f"Body inflates to more than {limit} bytes")
    if not inflater.eof or inflater.unused_data:
        raise InvalidBody("Body is not one whole gzip stream")
    return inflated


def ip_prefix(address: str | None) -> str | None:
    """The network of an address: IPv4 /24, IPv6 /48. None when it is no address."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    length = 24 if parsed.version == 4 else 48
    return str(ipaddress.ip_network((parsed, length), strict=False))


def envelope(batch: bytes, *, received_at: int, user_agent: str | None, ip_prefix: str | None) -> bytes:
    """The record's value: what the collector knows (its clock, epoch ms), and the batch's own bytes unchanged."""
    agent = user_agent[:USER_AGENT_CHARACTERS_MAX] if user_agent else None
    known = msgspec.json.encode({"received_at": received_at, "user_agent": agent, "ip_prefix": ip_prefix})
    return known[:-1] + b',"batch":' + batch + b"}"
