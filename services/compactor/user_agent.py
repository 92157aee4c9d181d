"""A user agent in; its families out, and whether it calls itself a bot."""

from functools import lru_cache
from typing import NamedTuple

from ua_parser import parse

AGENTS_CACHED_MAX = 20_000


class Families(NamedTuple):
    """Families as uap-core names them; None where it knows none."""

    browser: str | None
    os: str | None
    device: str | None
    suspect: str | None


UNKNOWN = Families(None, None, None, None)


@lru_cache(maxsize=AGENTS_CACHED_MAX)
def families(user_agent: str | None) -> Families:
    """The families of a user agent."""
    if not user_agent:
        return UNKNOWN
    parsed = parse(user_agent)
    device = parsed.device.family if parsed.device else None
    headless = "headless" in user_agent.lower()
    return Families(
        browser=parsed.user_agent.family if parsed.user_agent else None,
        os=parsed.os.family if parsed.os else None,
        device=device,
        suspect="bot" if device == "Spider" else "headless" if headless else None,
    )
