"""What happened to a request in; counters whose sum always holds out.

Requests: received = answered (by status) + under way. Events of batches that were read, per site: received = accepted
+ rejected + refused + under way. Every line is counted where it happens, in one step of the event loop each.
"""

from collections.abc import Collection, Iterable

from eyeshot import metrics
from eyeshot.fields import EVENT_FIELDS
from eyeshot.reading import Rejection

UNKNOWN_SITE = "(unknown)"
_FIELDS = {field.name for field in EVENT_FIELDS}


class SiteAccount:
    """The counters of one site, looked up once."""

    def __init__(self, site: str) -> None:
        self._site = site
        self._received = metrics.EVENTS_RECEIVED.labels(site)
        self._accepted = metrics.EVENTS_ACCEPTED.labels(site)
        self._under_way = metrics.EVENTS_UNDER_WAY.labels(site)

    def received(self, events: int) -> None:
        """A batch was read and judged; its outcome follows."""
        self._received.inc(events)
        self._under_way.inc(events)

    def stored(self, accepted: int, rejected: Collection[Rejection]) -> None:
        """It is durable: the valid events, and those that are stored as rejected."""
        self._accepted.inc(accepted)
        for each in rejected:
            metrics.EVENTS_REJECTED.labels(self._site, rejection_field(each.reason)).inc()
        self._under_way.dec(accepted + len(rejected))

    def refused(self, events: int, reason: str) -> None:
        """It is not stored."""
        metrics.EVENTS_REFUSED.labels(self._site, reason).inc(events)
        self._under_way.dec(events)


class Account:
    """The counters of all sites, and of requests."""

    def __init__(self) -> None:
        self._sites: dict[str, SiteAccount] = {}
        self._received = metrics.REQUESTS_RECEIVED.labels()
        self._under_way = metrics.REQUESTS_UNDER_WAY.labels()

    def of(self, site: str) -> SiteAccount:
        """The account of a registered site."""
        found = self._sites.get(site)
        if found is None:
            found = self._sites[site] = SiteAccount(site)
        return found

    def request_began(self) -> None:
        """A request's head was read."""
        self._received.inc()
        self._under_way.inc()

    def request_answered(self, status: int, reason: str) -> None:
        """It has its answer."""
        metrics.REQUESTS.labels(status, reason).inc()
        self._under_way.dec()


def rejection_field(reason: str) -> str:
    """The declared field that an event was rejected for, from the place in the reason; a label may not be free text."""
    place = reason.rpartition(" - at `$.events[")[2]
    names: Iterable[str] = place.rstrip("`").replace("[", ".").split(".")
    return next((name for name in names if name in _FIELDS), "event")
