"""A POST in, a durable record and an answer out."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from eyeshot import health, metrics
from eyeshot.reading import InvalidBatch
from eyeshot.verdict import verdict
from services.collector import core
from services.collector.ports import Clock, Unavailable
from services.collector.relay import Relay
from services.collector.settings import Collector

CLIENT_CLOSED_REQUEST = 499


def build(settings: Collector, relay: Relay, clock: Clock) -> Starlette:
    """The ASGI application."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await relay.start()
        yield
        await relay.stop()

    async def pages(request: Request) -> Response:
        status, content_type, body = health.page(request.url.path, relay.ready)
        return Response(body, status, media_type=content_type)

    sdk = StaticFiles(directory=settings.sdk_folder, check_dir=False)
    return Starlette(
        routes=[
            Route("/v1/events", _Events(settings, relay, clock).post, methods=["POST"]),
            Route("/health/live", pages),
            Route("/health/ready", pages),
            Route("/metrics", pages),
            Mount("/sdk", sdk),
        ],
        middleware=[
            Middleware(
                CORSMiddleware,
                allow_origins=["*"],
                allow_methods=["POST", "GET"],
                allow_headers=["content-type", "content-encoding"],
            )
        ],
        lifespan=lifespan,
    )


class _Events:
    def __init__(self, settings: Collector, relay: Relay, clock: Clock) -> None:
        self._settings = settings
        self._relay = relay
        self._clock = clock

    async def post(self, request: Request) -> Response:
        try:
            status, content = await self._accept(request)
        except ClientDisconnect:
            status, content = (
                CLIENT_CLOSED_REQUEST,
                {"error": "Client closed the request before its end"},
            )
        except (InvalidBatch, core.InvalidBody) as error:
            status, content = 400, {"error": str(error)}
        except core.BodyTooLarge as error:
            status, content = 413, {"error": str(error)}
        except Unavailable as error:
            status, content = 503, {"error": str(error)}
        metrics.REQUESTS.labels(status).inc()
        return self._answer(status, content)

    async def _accept(self, request: Request) -> tuple[int, dict[str, Any]]:
        body = await _body(request, self._settings.body_bytes_max)
        encoding = request.headers.get("content-encoding", "").strip().lower()
        batch = core.inflate(body, encoding, self._settings.inflated_bytes_max)
        judged = verdict(batch)
        value = core.envelope(
            batch,
            received_at=self._clock(),
            user_agent=request.headers.get("user-agent"),
            ip_prefix=core.ip_prefix(request.client.host if request.client else None),
        )
        metrics.EVENTS_RECEIVED.inc(judged.accepted + len(judged.rejected))
        started = time.perf_counter()
        route = await self._relay.publish(judged.page_view_id.encode(), value)
        metrics.PUBLISH_SECONDS.labels(route).observe(time.perf_counter() - started)
        metrics.EVENTS_ACCEPTED.inc(judged.accepted)
        metrics.EVENTS_REJECTED.inc(len(judged.rejected))
        return 202, {
            "accepted": judged.accepted,
            "rejected": judged.rejected,
        }

    def _answer(self, status: int, content: dict[str, Any]) -> Response:
        headers = {"Retry-After": str(self._settings.retry_after_seconds)} if status == 503 else None
        return Response(msgspec.json.encode(content), status, headers, media_type="application/json")


async def _body(request: Request, limit: int) -> bytes:
    """The body, read no further than the limit."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise core.BodyTooLarge(f"Body has more than {limit} bytes")
        chunks.append(chunk)
    return b"".join(chunks)
