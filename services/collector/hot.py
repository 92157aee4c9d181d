"""Posts to /v1/events past the framework: from uvicorn's parser straight to a record, without a task for each request.

Everything else a connection brings goes on to uvicorn and the ASGI application, and so does a post that comes while an
earlier request of its connection is not answered or earlier answers are not read, or that waits for `100 Continue`.
"""

import asyncio
from typing import Any

from services.collector import answers
from services.collector.answers import Answer
from services.collector.app import EVENTS_PATH
from services.collector.intake import Intake
from services.collector.post import Post
from services.collector.protocol import BoundedProtocol

EVENTS_URL = EVENTS_PATH.encode()


class _NobodyWaits:
    """Stands where uvicorn keeps the event that a task waits for."""

    def set(self) -> None:
        """Nothing to wake."""


class Exchange:
    """A post and its answer; what uvicorn's protocol wants to know of the request it has in hand."""

    __slots__ = ("_protocol", "disconnected", "keep_alive", "post", "response_complete")

    message_event = _NobodyWaits()

    def __init__(self, protocol: "HotProtocol", intake: Intake) -> None:
        self._protocol = protocol
        self.keep_alive = True
        self.disconnected = False
        self.response_complete = False
        self.post: Post = intake.open(self._respond)

    def _respond(self, answer: Answer) -> None:
        self._protocol.respond(self, answer)


class HotProtocol(BoundedProtocol):
    """uvicorn's protocol, with a way of its own for the one route that carries the load."""

    def __init__(self, *arguments: Any, intake: Intake, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._intake = intake
        self._hot: Exchange | None = None
        self._whole: Exchange | None = None
        self._body_timer: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """Parse, then take on the post that is whole. Not while parsing: the parser would swallow a mistake of ours."""
        super().data_received(data)
        if self._whole:
            whole, self._whole = self._whole, None
            whole.post.end()
        elif self._hot and self._body_timer is None and not self._hot.post.answered:
            self._body_timer = self.loop.call_later(self._limits.body_seconds, self._hot.post.too_late)

    def begin_request(self) -> None:
        """Its head came: take it, if it is an ordinary post."""
        if self.url != EVENTS_URL or not self._is_ordinary():
            super().begin_request()
            return
        exchange = self._hot = Exchange(self, self._intake)
        self.cycle = exchange  # type: ignore[assignment]  # it looks like one
        exchange.post.begin("POST", self.client[0] if self.client else None, self.headers)

    def on_body(self, body: bytes) -> None:
        """A piece of the post's body."""
        if self._hot is None:
            super().on_body(body)
        elif not self._refused:
            self._hot.post.feed(body)

    def on_message_complete(self) -> None:
        """The post is whole."""
        if self._hot is None:
            super().on_message_complete()
        else:
            self._whole, self._hot = self._hot, None
            self._disarm_body()

    def connection_lost(self, exc: Exception | None) -> None:
        """A post whose body will never be whole ends here; one that is being stored goes on."""
        self._disarm_body()
        exchange, self._hot = self._hot, None
        super().connection_lost(exc)
        if exchange:
            exchange.post.gone()

    def respond(self, exchange: Exchange, answer: Answer) -> None:
        """Send the answer in one piece, and let the connection go on."""
        exchange.response_complete = True
        if exchange.disconnected or self.transport.is_closing():
            return
        close = answer.close or self._intake.stopping or not exchange.keep_alive
        self.transport.write(answers.message(answer, exchange.post.origin, close=close))
        if close:
            self.transport.close()
        self.on_response_complete()

    def _is_ordinary(self) -> bool:
        return (
            self.parser.get_method() == b"POST"
            and self.parser.get_http_version() == "1.1"
            and self.parser.should_keep_alive()
            and not self.parser.should_upgrade()
            and not any(name == b"expect" for name, _ in self.headers)
            and (self.cycle is None or self.cycle.response_complete)
            and not self.flow.write_paused
        )

    def _disarm_body(self) -> None:
        if self._body_timer:
            self._body_timer.cancel()
            self._body_timer = None
