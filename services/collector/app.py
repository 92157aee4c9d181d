"""The parts in; one ASGI application out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from eyeshot import health
from services.collector.intake import Intake
from services.collector.openapi import openapi
from services.collector.relay import Relay
from services.collector.sdk_pages import Releases, sdk_routes
from services.collector.settings import Collector

EVENTS_PATH = "/v1/events"


class App:
    """The hot route past the framework, every other one through it."""

    def __init__(self, intake: Intake, pages: ASGIApp) -> None:
        self._intake = intake
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http" and scope["path"] == EVENTS_PATH:
            await self._intake(scope, receive, send)
        else:
            await self._pages(scope, receive, send)


def build(
    settings: Collector,
    relay: Relay,
    intake: Intake,
    releases: Releases,
    *,
    background: tuple[Coroutine[Any, Any, None], ...] = (),
    metrics_page: Callable[[], Awaitable[bytes]] | None = None,
) -> App:
    """The application. `background` runs beside it, from start to stop; `metrics_page` speaks for other workers too."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await relay.start()
        tasks = [asyncio.create_task(each) for each in background]
        yield
        for task in tasks:
            task.cancel()
        await relay.stop()

    def ready() -> str | None:
        return "stopping" if intake.stopping else relay.ready()

    async def health_page(request: Request) -> Response:
        status, content_type, body = health.page(request.url.path, ready)
        return Response(body, status, media_type=content_type)

    async def metrics(request: Request) -> Response:
        if metrics_page is None:
            return await health_page(request)
        return Response(await metrics_page(), media_type=CONTENT_TYPE_LATEST)

    async def description(_: Request) -> Response:
        return JSONResponse(openapi(), headers={"access-control-allow-origin": "*"})

    return App(
        intake,
        Starlette(
            routes=[
                Route("/health/live", health_page),
                Route("/health/ready", health_page),
                Route("/metrics", metrics),
                Route("/openapi.json", description),
                *sdk_routes(releases, settings.sdk_alias_seconds),
            ],
            lifespan=lifespan,
        ),
    )
