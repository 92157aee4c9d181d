"""A connection in; uvicorn's HTTP protocol with limits on connections, and on the size and time of a head, out."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from eyeshot import metrics
from services.collector.settings import Collector

_STATUS = {408: b"Request Timeout", 431: b"Request Header Fields Too Large", 503: b"Service Unavailable"}


class BoundedProtocol(HttpToolsProtocol):
    """A client that is slow, sends too large a head, or is one too many is answered and let go."""

    def __init__(self, *arguments: Any, limits: Collector, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._limits = limits
        self._head_bytes = 0
        self._raw_bytes = 0
        self._in_head = False
        self._refused = False
        self._timer: asyncio.TimerHandle | None = None
        self._idle_since: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, or refuse it; its first request must come in time."""
        super().connection_made(transport)
        if len(self.connections) > self._limits.connections_max:
            self._refuse(503)
        else:
            self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timers."""
        self._disarm()
        if self.timeout_keep_alive_task:
            self.timeout_keep_alive_task.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse; a head that is not complete after that has its deadline."""
        if self._refused:
            return
        super().data_received(data)
        if not self._in_head or self._refused:
            return
        self._raw_bytes += len(data)
        # Unfinished headers are in nobody's count yet; the parser holds on to all of them.
        if self._head_bytes > self._limits.head_bytes_max or self._raw_bytes > 2 * self._limits.head_bytes_max:
            self._refuse(431)
        elif self._timer is None:
            self._arm()

    def on_message_begin(self) -> None:
        """A head begins. uvicorn's scope is made when it is known to be for uvicorn."""
        self._in_head, self._head_bytes, self._raw_bytes = True, 0, 0
        self.url, self.headers, self.expect_100_continue = b"", [], False

    def on_url(self, url: bytes) -> None:
        """Count it; a part of a URL at a time."""
        self._head_bytes += len(url)
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count it."""
        self._head_bytes += len(name) + len(value)
        if self._head_bytes <= self._limits.head_bytes_max:
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Begin the request, unless its head is too large."""
        self._in_head = False
        self._disarm()
        if self._refused:
            return
        if self._head_bytes > self._limits.head_bytes_max:
            self._refuse(431)
        else:
            self.begin_request()

    def begin_request(self) -> None:
        """The head is whole and within its limits: uvicorn hears of it now, all at once."""
        url, headers = self.url, self.headers
        super().on_message_begin()
        super().on_url(url)
        for name, value in headers:
            super().on_header(name, value)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Hand it on, unless the request was refused."""
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Hand it on, unless the request was refused."""
        if not self._refused:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on with the next request, or keep the connection for a while.

        One timer looks when the connection was last used: to start and to cancel one for each answer, as uvicorn does,
        takes an eighth of all the time that is spent on a request here.
        """
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._look_again(self.timeout_keep_alive)

    def timeout_keep_alive_handler(self) -> None:
        """Let the connection go, if it has been idle for so long."""
        self.timeout_keep_alive_task = None
        if self._idle_since is None:  # the next answer starts the timer again
            return
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._look_again(left)
        else:
            super().timeout_keep_alive_handler()

    def _unset_keepalive_if_required(self) -> None:
        self._idle_since = None

    def _look_again(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _arm(self) -> None:
        self._timer = self.loop.call_later(self._limits.head_seconds, self._too_late)

    def _disarm(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _too_late(self) -> None:
        self._timer = None
        if self.transport.is_closing():
            return
        if self._in_head:
            self._refuse(408)
        else:  # it never began to send: browsers open connections that they may not use
            self.transport.close()

    def _refuse(self, status: int) -> None:
        self._refused = True
        metrics.HEADS_REFUSED.labels(status).inc()
        retry = b"retry-after: %d\r\n" % self._limits.retry_after_seconds if status == 503 else b""
        head = b"HTTP/1.1 %d %s\r\n%scontent-length: 0\r\nconnection: close\r\n\r\n" % (status, _STATUS[status], retry)
        self.transport.write(head)
        self.transport.close()
