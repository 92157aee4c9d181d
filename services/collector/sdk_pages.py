"""A request under /sdk in; a file of the SDK, or the page that lists them, out."""

from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from services.collector.assets import IMMUTABLE, Asset, Release, index, is_part, serve

Releases = Callable[[], Mapping[str, Release]]


def sdk_routes(releases: Releases, alias_seconds: int) -> list[Route]:
    """/sdk/<version>/<file> and parts for ever, /sdk/<file> for a while, /sdk/ with the tags to paste."""

    async def pinned(request: Request) -> Response:
        release = releases().get(request.path_params["version"], {})
        return _answer(request, release.get(request.path_params["file"]), IMMUTABLE)

    async def newest(request: Request) -> Response:
        file = request.path_params["file"]
        if is_part(file):  # a browser may have kept the script of an older release, which asks for that one's part
            found = (release[file] for release in releases().values() if file in release)
            return _answer(request, next(found, None), IMMUTABLE)
        release: Release = next(iter(releases().values()), {})
        return _answer(request, release.get(file), f"public, max-age={alias_seconds}")

    async def listed(_: Request) -> Response:
        return HTMLResponse(index(releases()), headers={"cache-control": "no-cache"})

    return [
        Route("/sdk/", listed),
        Route("/sdk/{file}", newest),
        Route("/sdk/{version}/{file}", pinned),
    ]


def _answer(request: Request, wanted: Asset | None, cache_control: str) -> Response:
    if wanted is None:
        return PlainTextResponse("not found\n", 404, headers={"access-control-allow-origin": "*"})
    status, body, headers = serve(
        wanted,
        cache_control,
        request.headers.get("accept-encoding", ""),
        request.headers.get("if-none-match", ""),
    )
    return Response(body, status, headers)
