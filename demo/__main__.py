"""Serve the demo's two sites from one process."""

import asyncio
import os
import socket
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
    try:
        ports = [_listen(settings.demo.host, port) for port in (settings.demo.page_port, settings.demo.widget_port)]
    except OSError as error:
        print(f"demo: {error.strerror}: set DEMO_HOST, DEMO_PAGE_PORT or DEMO_WIDGET_PORT", file=sys.stderr)
        return 1
    asyncio.run(_serve(settings.demo, *ports))
    return 0


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise OSError(error.errno, f"{host}:{port} cannot be listened on ({os.strerror(error.errno or 0)})") from error


async def _serve(demo: Demo, page_socket: socket.socket, widget_socket: socket.socket) -> None:
    page, widget = _server(page_site(demo)), _server(widget_site(demo))
    serving = [
        asyncio.create_task(page.serve([page_socket])),
        asyncio.create_task(widget.serve([widget_socket])),
    ]
    logs.happened("sites opened", page=demo.page_origin, widget=demo.widget_origin, collector=demo.collector_url)
    # One signal stops one server; the other must not outlive it.
    await asyncio.wait(serving, return_when=asyncio.FIRST_COMPLETED)
    page.should_exit = widget.should_exit = True
    await asyncio.gather(*serving)


def _server(site: Starlette) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            site,
            access_log=False,
            log_config=None,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )


if __name__ == "__main__":
    sys.exit(main())
