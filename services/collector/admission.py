"""A batch, its site and its reader in; what may be kept of the reader out, or the refusal."""

from collections.abc import Mapping, Sequence

from services.collector import core, refusals
from services.collector.ports import Monotonic
from services.collector.privacy import Consent, consent
from services.collector.quota import Buckets
from services.collector.settings import Collector
from services.collector.sites import Site

SITES_MAX = 10_000
"""As many as the sites file may name."""


class Admission:
    """Says who may send, and how much. Each worker has its share of every quota."""

    def __init__(self, settings: Collector, monotonic: Monotonic) -> None:
        self._settings = settings
        self._monotonic = monotonic
        self._sites = Buckets(SITES_MAX)
        self._networks = Buckets(settings.addresses_max)
        self._network_rate = settings.address_requests_per_second / settings.workers
        self._network_burst = max(1, settings.address_requests_burst / settings.workers)

    def network(self, peer: str | None, headers: Sequence[tuple[bytes, bytes]]) -> str | None:
        """The network that the request came from. Raises OverAddressQuota."""
        if trusted := self._settings.trusted_proxies:
            forwarded = [value for name, value in headers if name == b"x-forwarded-for"]
            peer = core.client_address(peer, forwarded, trusted)
        prefix = core.ip_prefix(peer)
        rate, burst = self._network_rate, self._network_burst
        wait = self._networks.take(prefix or "", 1, self._monotonic(), rate=rate, burst=burst)
        if wait:
            raise refusals.OverAddressQuota("Too many requests from this network", retry_after=wait)
        return prefix

    def admit(self, key: str, site: Site, events: int, headers: Mapping[bytes, bytes]) -> Consent:
        """What may be stored of the reader. Raises OriginNotAllowed, OptedOut or OverSiteQuota."""
        origin = headers.get(b"origin")
        if not site.allows(None if origin is None else origin.decode("latin-1")):
            raise refusals.OriginNotAllowed("Origin is not one of the site's")
        wish = consent(headers, gpc=self._settings.gpc, dnt=self._settings.dnt)
        if wish == "drop":
            raise refusals.OptedOut("The reader opted out of being tracked")
        rate = site.events_per_second / self._settings.workers
        burst = max(events, site.events_burst / self._settings.workers)
        wait = self._sites.take(key, events, self._monotonic(), rate=rate, burst=burst)
        if wait:
            raise refusals.OverSiteQuota("Site is over its quota", retry_after=wait)
        return wish
