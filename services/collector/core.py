"""What the collector decides, without I/O: bodies, addresses, envelopes."""

import ipaddress
import math
import zlib
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from services.collector.refusals import BodyTooLarge, InvalidBody

USER_AGENT_CHARACTERS_MAX = 512


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


def client_address(peer: str | None, forwarded: Iterable[bytes], trusted_proxies: int) -> str | None:
    """The client's address: the one that the outermost of our own proxies saw.

    `forwarded` are the X-Forwarded-For headers. Each proxy adds the address it saw at the right, so with n trusted
    proxies the n-th from the right is believed, and what is left of it is the client's own invention.
    """
    if trusted_proxies == 0:
        return peer
    seen = [each.strip() for each in b",".join(forwarded).decode("latin-1").split(",") if each.strip()]
    return seen[-min(trusted_proxies, len(seen))] if seen else peer


def retry_after(seconds: float, chance: float) -> str:
    """A Retry-After of at least `seconds`; up to as much again by chance (0…1), so that not all come back at once."""
    return str(max(1, math.ceil(seconds * (1 + chance))))


@lru_cache(maxsize=10_000)
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
