"""One request, a piece at a time, in; a durable record and exactly one answer out. Knows no transport."""

import time
from collections.abc import Callable, Sequence

from eyeshot import metrics
from eyeshot.reading import InvalidBatch
from eyeshot.verdict import Verdict, verdict
from services.collector import answers, core, refusals
from services.collector.account import UNKNOWN_SITE, Account
from services.collector.admission import Admission
from services.collector.answers import Answer
from services.collector.body import Body, Memory
from services.collector.ports import Chance, Clock, Monotonic, RecordRefused
from services.collector.privacy import strip_queries
from services.collector.relay import Outcome, Relay
from services.collector.settings import Collector
from services.collector.sites import Site, Sites

Respond = Callable[[Answer], None]


class Desk:
    """What all requests share."""

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
        self.settings = settings
        self.relay = relay
        self.sites = sites
        self.clock = clock
        self.chance = chance
        self.monotonic = monotonic
        self.account = Account()
        self.admission = Admission(settings, monotonic)
        self.memory = Memory(settings)


class Post:
    """A request to store a batch. Every call may be the one that answers; after that, the others do nothing."""

    __slots__ = (
        "_account",
        "_body",
        "_desk",
        "_headers",
        "_network",
        "_respond",
        "_started",
        "_verdict",
        "answered",
    )

    def __init__(self, desk: Desk, respond: Respond) -> None:
        self._desk = desk
        self._respond = respond
        self._body = Body(desk.settings, desk.memory)
        self.answered = False
        desk.account.request_began()

    @property
    def origin(self) -> bytes | None:
        """The page that sent it."""
        return self._headers.get(b"origin")

    def begin(self, method: str, peer: str | None, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """Its head came; names are in lower case."""
        self._headers = dict(headers)
        try:
            if method == "OPTIONS":
                return self._answer(answers.PREFLIGHT)
            if method != "POST":
                raise refusals.MethodNotAllowed("Expected POST")
            self._network = self._desk.admission.network(peer, headers)
            self._body.expect(self._headers.get(b"content-length", b"0"))
        except refusals.Refusal as refusal:
            self.refuse(refusal)

    def feed(self, piece: bytes) -> None:
        """A piece of its body came."""
        if self.answered:
            return
        try:
            self._body.add(piece)
        except refusals.Refusal as refusal:
            self.refuse(refusal)

    def end(self) -> None:
        """Its body is whole: judge it, and store it."""
        if self.answered:
            return
        try:
            batch, judged = self._judge()
        except refusals.Refusal as refusal:
            self.refuse(refusal)
            return
        self._verdict = judged
        site = self._desk.sites().get(judged.site)
        self._account = self._desk.account.of(judged.site if site else UNKNOWN_SITE)
        self._account.received(judged.events)
        handed_over = False
        try:
            self._store(batch, judged, site)
            handed_over = True
        except refusals.Refusal as refusal:
            self._not_stored(refusal)
        finally:
            if not handed_over and not self.answered:  # a mistake of ours, which goes on to whoever logs it
                self._account.refused(judged.events, answers.FAILED.reason)
                self._answer(answers.FAILED)

    def too_late(self) -> None:
        """Its body did not come in time."""
        self.refuse(refusals.TooSlow(f"Body did not arrive within {self._desk.settings.body_seconds:g} s"))

    def gone(self) -> None:
        """The client left before the end of its body."""
        self.refuse(refusals.ClientGone("Client closed the connection before the end of the body"))

    def refuse(self, refusal: refusals.Refusal) -> None:
        """Answer that it is not stored."""
        self._answer(answers.refused(refusal, self._desk.chance()))

    def _judge(self) -> tuple[bytes, Verdict]:
        batch = self._body.batch(self._text(b"content-encoding"))
        try:
            return batch, verdict(batch)
        except InvalidBatch as error:
            raise refusals.InvalidBody(str(error)) from None

    def _store(self, batch: bytes, judged: Verdict, site: Site | None) -> None:
        if site is None:
            raise refusals.UnknownSite("No such site")
        wish = self._desk.admission.admit(judged.site, site, judged.events, self._headers)
        value = core.envelope(
            strip_queries(batch, site.query_names),
            received_at=self._desk.clock(),
            user_agent=None if wish == "minimise" else self._text(b"user-agent"),
            ip_prefix=None if wish == "minimise" else self._network,
        )
        self._started = self._desk.monotonic()
        self._desk.relay.deposit(judged.page_view_id.encode(), value, self._settle)

    def _settle(self, outcome: Outcome) -> None:
        """Its record is durable, or it is not."""
        judged = self._verdict
        if isinstance(outcome, str):
            metrics.PUBLISH_SECONDS.labels(outcome).observe(self._desk.monotonic() - self._started)
            self._account.stored(judged.accepted, judged.rejected)
            stored = answers.stored(judged.accepted, judged.rejected) if judged.rejected else None
            self._answer(stored or answers.all_stored(judged.accepted))
        elif isinstance(outcome, RecordRefused):
            self._not_stored(refusals.BodyTooLarge(f"Kafka refuses it: {outcome}"))
        else:
            wait = self._desk.settings.retry_after_seconds
            self._not_stored(refusals.NotDurable(str(outcome), retry_after=wait))

    def _not_stored(self, refusal: refusals.Refusal) -> None:
        self._account.refused(self._verdict.events, refusal.reason)
        self.refuse(refusal)

    def _answer(self, answer: Answer) -> None:
        if self.answered:
            return
        self.answered = True
        self._body.release()
        self._desk.account.request_answered(answer.status, answer.reason)
        respond, self._respond = self._respond, _nobody_is_left  # whoever holds the post must not be held by it:
        respond(answer)  # circles wait for the collector of garbage, which stops every request for tens of ms

    def _text(self, name: bytes) -> str:
        return self._headers.get(name, b"").decode("latin-1").strip()


def _nobody_is_left(answer: Answer) -> None:
    """Where an answered post would answer."""
