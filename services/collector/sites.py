"""The text of the sites file in; every site's origins, quota and privacy out. What it says is decided here."""

import re
from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from eyeshot.event import EVENTS_MAX, SiteKey

DEMO = "demo"
_LOCAL = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?")

Origin = Annotated[str, Meta(pattern=r"^(https?://[a-z0-9.\[\]:-]*[a-z0-9\]]|null)$")]


class SitesInvalid(Exception):
    """The sites file cannot be used; the message says where and why."""


class Site(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A publisher's site: who may send for it, how much, and what of its URLs is kept."""

    origins: frozenset[Origin] = frozenset()
    require_origin: bool = False
    test_mode: bool = False
    events_per_second: Annotated[int, Meta(ge=1, le=1_000_000)] = 1_000
    events_burst: Annotated[int, Meta(ge=EVENTS_MAX, le=10_000_000)] = 10_000
    query_names: frozenset[Annotated[str, Meta(min_length=1)]] = frozenset()

    def allows(self, origin: str | None) -> bool:
        """Whether a page of that origin may send. Without an Origin it is no browser: anyone can leave it out."""
        if origin is None:
            return not self.require_origin
        return origin in self.origins or (self.test_mode and _LOCAL.fullmatch(origin) is not None)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sites: Annotated[dict[SiteKey, Site], Meta(min_length=1, max_length=10_000)]


Sites = Mapping[str, Site]


def read_sites(text: bytes) -> Sites:
    """The sites by their keys. Raises SitesInvalid."""
    try:
        sites = msgspec.toml.decode(text, type=_File).sites
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SitesInvalid(str(error)) from None
    for key, site in sites.items():
        if site.test_mode and key != DEMO:
            raise SitesInvalid(f"`test_mode` is for the site `{DEMO}` only - at `$.sites.{key}`")
    return sites
