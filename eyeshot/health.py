"""A path in; the page of a service's health or metrics out, and a small server for services that have no HTTP."""

import threading
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

Ready = Callable[[], str | None]
"""Why the service cannot do its work now, or None when it can."""


def serve(host: str, port: int, ready: Ready) -> None:
    """Serve /health/live, /health/ready and /metrics from a thread of its own, for services that have no HTTP."""
    server = make_server(
        host,
        port,
        lambda environ, start: _answer(environ, start, ready),
        WSGIServer,
        _Quiet,
    )
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()


def page(path: str, ready: Ready) -> tuple[int, str, bytes]:
    """Status, content type and body of a health or metrics page."""
    if path == "/metrics":
        return 200, CONTENT_TYPE_LATEST, generate_latest()
    if path == "/health/live":
        return 200, "text/plain", b"live\n"
    if path == "/health/ready":
        reason = ready()
        return (200, "text/plain", b"ready\n") if reason is None else (503, "text/plain", f"{reason}\n".encode())
    return 404, "text/plain", b"not found\n"


def _answer(environ: dict[str, Any], start: Callable[..., Any], ready: Ready) -> Iterable[bytes]:
    status, content_type, body = page(environ["PATH_INFO"], ready)
    start(
        f"{status} -",
        [("Content-Type", content_type), ("Content-Length", str(len(body)))],
    )
    return [body]


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Keep silent: a health check is no event."""
