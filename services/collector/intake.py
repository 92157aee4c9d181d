"""POST /v1/events: a request in; a durable record and an answer out. Plain ASGI, because it is the hot route."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
from starlette.types import Receive, Scope, Send

from eyeshot import metrics
from eyeshot.reading import InvalidBatch
from eyeshot.verdict import Verdict, verdict
from services.collector import core, refusals
from services.collector.account import UNKNOWN_SITE, Account, SiteAccount
from services.collector.ports import Chance, Clock, Monotonic, RecordRefused, Unavailable
from services.collector.privacy import consent, strip_queries
from services.collector.quota import Buckets
from services.collector.relay import Relay
from services.collector.settings import Collector
from services.collector.sites import Site, Sites

Headers = dict[bytes, bytes]


class Answer(NamedTuple):
    """What goes back."""

    status: int
    body: bytes
    retry_after: str | None = None
    close: bool = False


class Intake:
    """Judges, protects and stores what browsers post."""

    def __init__(
        self,
        settings: Collector,
        relay: Relay,
        sites: Callable[[], Sites],
        *,
        clock: Clock,
        chance: Chance,
        monotonic: Monotonic = time.monotonic,
    ) -> None:
        self._settings = settings
        self._relay = relay
        self._sites = sites
        self._clock = clock
        self._chance = chance
        self._monotonic = monotonic
        self._account = Account()
        self._site_quotas = Buckets(10_000)
        self._address_quotas = Buckets(settings.addresses_max)
        self._held_bytes = 0
        self.stopping = False

    def stop(self) -> None:
        """From now on answers close their connections, so that clients come back to somebody else."""
        self.stopping = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._account.request_began()
        status, reason = 500, "error"
        try:
            headers: Headers = dict(scope["headers"])
            try:
                answer = await self._answer(scope, headers, receive)
                reason = "stored" if answer.status == 202 else "preflight"
            except refusals.Refusal as refusal:
                answer, reason = self._refuse(refusal), refusal.reason
            status = answer.status
            await _send(send, answer, headers.get(b"origin"), close=answer.close or self.stopping)
        finally:
            self._account.request_answered(status, reason)

    async def _answer(self, scope: Scope, headers: Headers, receive: Receive) -> Answer:
        if scope["method"] != "POST":
            if scope["method"] == "OPTIONS":
                return Answer(204, b"")
            raise refusals.MethodNotAllowed("Expected POST")
        prefix = self._prefix(scope)
        self._take_address(prefix)
        held = _Held(self)
        try:
            body = await self._body(headers, receive, held)
            batch = core.inflate(body, _text(headers, b"content-encoding"), self._settings.inflated_bytes_max)
            held.add(len(batch) if batch is not body else 0)
            return await self._accept(batch, headers, prefix)
        finally:
            held.release()

    async def _body(self, headers: Headers, receive: Receive, held: "_Held") -> bytes:
        """The body, read no further than the limits on its size and time."""
        limit = self._settings.body_bytes_max
        announced = headers.get(b"content-length", b"0")
        if announced.isdigit() and len(announced) < 20 and int(announced) > limit:
            raise refusals.BodyTooLarge(f"Body has more than {limit} bytes")
        chunks: list[bytes] = []
        size, more = 0, True
        try:
            async with asyncio.timeout(self._settings.body_seconds):
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise refusals.ClientGone("Client closed the connection before the end of the body")
                    chunk = message.get("body", b"")
                    size += len(chunk)
                    if size > limit:
                        raise refusals.BodyTooLarge(f"Body has more than {limit} bytes")
                    held.add(len(chunk))
                    chunks.append(chunk)
                    more = message.get("more_body", False)
        except TimeoutError:
            raise refusals.TooSlow(f"Body did not arrive within {self._settings.body_seconds:g} s") from None
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def _accept(self, batch: bytes, headers: Headers, prefix: str | None) -> Answer:
        try:
            judged = verdict(batch)
        except InvalidBatch as error:
            raise refusals.InvalidBody(str(error)) from None
        site = self._sites().get(judged.site)
        account = self._account.of(judged.site if site else UNKNOWN_SITE)
        account.received(judged.events)
        reason: str | None = "error"
        try:
            if site is None:
                raise refusals.UnknownSite("No such site")
            await self._store(batch, judged, site, headers, prefix)
            reason = None
        except refusals.Refusal as refusal:
            reason = refusal.reason
            raise
        finally:
            self._settle(account, judged, reason)
        return Answer(202, msgspec.json.encode({"accepted": judged.accepted, "rejected": judged.rejected}))

    def _settle(self, account: SiteAccount, judged: Verdict, reason: str | None) -> None:
        if reason is None:
            account.stored(judged.accepted, judged.rejected)
        else:
            account.refused(judged.events, reason)

    async def _store(self, batch: bytes, judged: Verdict, site: Site, headers: Headers, prefix: str | None) -> None:
        wish = self._admit(judged, site, headers)
        value = core.envelope(
            strip_queries(batch, site.query_names),
            received_at=self._clock(),
            user_agent=None if wish == "minimise" else _text(headers, b"user-agent"),
            ip_prefix=None if wish == "minimise" else prefix,
        )
        started = self._monotonic()
        try:
            route = await self._relay.publish(judged.page_view_id.encode(), value)
        except Unavailable as error:
            raise refusals.NotDurable(str(error), retry_after=self._settings.retry_after_seconds) from None
        except RecordRefused as error:
            raise refusals.BodyTooLarge(f"Kafka refuses it: {error}") from None
        metrics.PUBLISH_SECONDS.labels(route).observe(self._monotonic() - started)

    def _admit(self, judged: Verdict, site: Site, headers: Headers) -> str:
        """What may be stored of the reader. Raises the refusal if the batch may not come in."""
        origin = headers.get(b"origin")
        if not site.allows(None if origin is None else origin.decode("latin-1")):
            raise refusals.OriginNotAllowed("Origin is not one of the site's")
        wish = consent(headers, gpc=self._settings.gpc, dnt=self._settings.dnt)
        if wish == "drop":
            raise refusals.OptedOut("The reader opted out of being tracked")
        wait = self._site_quotas.take(
            judged.site,
            judged.events,
            self._monotonic(),
            rate=site.events_per_second / self._settings.workers,
            burst=max(judged.events, site.events_burst / self._settings.workers),
        )
        if wait:
            raise refusals.OverSiteQuota("Site is over its quota", retry_after=wait)
        return wish

    def _take_address(self, prefix: str | None) -> None:
        wait = self._address_quotas.take(
            prefix or "",
            1,
            self._monotonic(),
            rate=self._settings.address_requests_per_second / self._settings.workers,
            burst=max(1, self._settings.address_requests_burst / self._settings.workers),
        )
        if wait:
            raise refusals.OverAddressQuota("Too many requests from this network", retry_after=wait)

    def _prefix(self, scope: Scope) -> str | None:
        peer = scope["client"][0] if scope.get("client") else None
        if self._settings.trusted_proxies == 0:
            return core.ip_prefix(peer)
        forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        return core.ip_prefix(core.client_address(peer, forwarded, self._settings.trusted_proxies))

    def hold(self, size: int) -> None:
        """Account for bytes in memory; `size` may be negative. Raises Overloaded when they would be too many."""
        if size > 0 and self._held_bytes + size > self._settings.in_flight_bytes_max:
            seconds = self._settings.retry_after_seconds
            raise refusals.Overloaded("Too many bytes under way", retry_after=seconds)
        self._held_bytes += size

    def _refuse(self, refusal: refusals.Refusal) -> Answer:
        wait = refusal.retry_after
        return Answer(
            refusal.status,
            msgspec.json.encode({"error": str(refusal)}),
            None if wait is None else core.retry_after(wait, self._chance()),
            close=refusal.status in (408, 413) or isinstance(refusal, refusals.Overloaded),
        )


class _Held:
    """Bytes of one request in memory."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._size = 0

    def add(self, size: int) -> None:
        self._intake.hold(size)
        self._size += size

    def release(self) -> None:
        self._intake.hold(-self._size)


_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"vary", b"Origin"),
)
_PREFLIGHT: tuple[tuple[bytes, bytes], ...] = (
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"content-type, content-encoding"),
    (b"access-control-max-age", b"86400"),
)


async def _send(send: Send, answer: Answer, origin: bytes | None, *, close: bool) -> None:
    """Every answer may be read by the page that asked, refusals too: the SDK must know whether to come back."""
    headers: list[Any] = [*_HEADERS, (b"content-length", str(len(answer.body)).encode())]
    if origin is not None:
        headers.append((b"access-control-allow-origin", origin))
    if answer.status == 204:
        headers.extend(_PREFLIGHT)
    if answer.status == 405:
        headers.append((b"allow", b"POST, OPTIONS"))
    if answer.retry_after:
        headers.append((b"retry-after", answer.retry_after.encode()))
        headers.append((b"access-control-expose-headers", b"Retry-After"))  # or the page's script cannot read it
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def _text(headers: Headers, name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1").strip()
