"""Serve the demo's two sites from one process."""

import asyncio
import os
import sys

import uvicorn
from starlette.applications import Starlette

from demo.app import page_site, widget_site
from demo.settings import Demo, DemoSettings
from eyeshot import logs
from eyeshot.settings import SettingError, load

STOP_SECONDS = 2


def main() -> int:
    """Exit status: 0 after a clean stop, 1 when a port is taken, 2 when a setting is wrong."""
    try:
        settings = load(DemoSettings, os.environ)
    except SettingError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2
    logs.configure("demo", settings.log.level)
    return asyncio.run(_serve(settings.demo))


async def _serve(demo: Demo) -> int:
    page = _server(page_site(demo), demo.host, demo.page_port)
    widget = _server(widget_site(demo), demo.host, demo.widget_port)
    serving = [asyncio.create_task(server.serve()) for server in (page, widget)]
    logs.happened("sites opened", page=demo.page_origin, widget=demo.widget_origin, collector=demo.collector_url)
    # One signal stops one server; the other must not outlive it.
    await asyncio.wait(serving, return_when=asyncio.FIRST_COMPLETED)
    page.should_exit = widget.should_exit = True
    await asyncio.gather(*serving)
    return 0


def _server(site: Starlette, host: str, port: int) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            site,
            host=host,
            port=port,
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )


if __name__ == "__main__":
    sys.exit(main())
