"""The demo's settings in; its two sites out: the publisher's page, and the widget that it embeds."""

from collections.abc import Callable
from html import escape
from pathlib import Path
from string import Template

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from demo.settings import Demo
from demo.stories import STORIES

FOLDER = Path(__file__).parent / "pages"


def page_site(demo: Demo) -> Starlette:
    """The publisher's site: an article with tracked links, a frame with the widget, and the stories it links to."""
    policy = _policy(demo, f"frame-src {demo.widget_origin}; frame-ancestors 'none'")
    article = _html(_render("article.html", demo), policy)

    def story(request: Request) -> Response:
        found = STORIES.get(request.path_params["slug"])
        if not found:
            raise HTTPException(404, "There is no such story")
        title, text = map(escape, found)
        return _html(_render("story.html", demo, title=title, text=text), policy)

    return _site(Route("/", lambda _: article), Route("/story/{slug}", story))


def widget_site(demo: Demo) -> Starlette:
    """The widget's site: what the frame shows. Only the publisher's page may embed it."""
    widget = _html(_render("widget.html", demo), _policy(demo, f"frame-ancestors {demo.page_origin}"))
    return _site(Route("/", lambda _: widget))


def _site(*routes: Route) -> Starlette:
    alive: Callable[[Request], Response] = lambda _: PlainTextResponse("ready\n")  # noqa: E731 - it needs nothing
    health = [Route("/health/live", alive), Route("/health/ready", alive)]
    return Starlette(routes=[*routes, *health, Mount("/files", StaticFiles(directory=FOLDER / "files"))])


def _html(text: str, policy: str) -> Response:
    return HTMLResponse(text, headers={"Content-Security-Policy": policy, "Referrer-Policy": "origin"})


def _policy(demo: Demo, frames: str) -> str:
    """What a careful publisher would send: no script but its own and the collector's SDK, and none inline."""
    own = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"
    return f"{own}; script-src 'self' {demo.collector_url}; connect-src {demo.collector_url}; {frames}"


def _render(name: str, demo: Demo, **more: str) -> str:
    origins = {"collector": demo.collector_url, "page": demo.page_origin, "widget": demo.widget_origin}
    return Template((FOLDER / name).read_text()).substitute(origins | more)
