"""An application in; uvicorn with our limits, that after SIGTERM says so first and finishes what is under way, out."""

import functools
import os
import signal
import time
from types import FrameType
from typing import Any

import uvicorn

from services.collector.hot import HotProtocol
from services.collector.intake import Intake
from services.collector.settings import Collector


class Server(uvicorn.Server):
    """Not ready for a while, so that balancers look elsewhere; then no new connections; then the open requests."""

    def __init__(self, app: Any, settings: Collector, intake: Intake, parent: int | None = None) -> None:
        """`parent`: the pid of whoever started this worker, told by it: it may be dead before anybody can ask."""
        super().__init__(_config(app, settings, intake))
        self._unready_seconds = settings.unready_seconds
        self._intake = intake
        self._exit_at: float | None = None
        self._parent = parent

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop; a second Ctrl+C does not wait for anybody."""
        if self._exit_at is None:
            self._exit_at = time.monotonic() + self._unready_seconds
            self._intake.stop()
        elif sig == signal.SIGINT:
            self.should_exit = self.force_exit = True

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether to exit now. A worker whose parent died goes too."""
        if self._exit_at is None and self._parent and os.getppid() != self._parent:
            self.handle_exit(signal.SIGTERM, None)
        if self._exit_at is not None and time.monotonic() >= self._exit_at:
            self.should_exit = True
        return await super().on_tick(counter)


def _config(app: Any, settings: Collector, intake: Intake) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=functools.partial(HotProtocol, limits=settings, intake=intake),  # type: ignore[arg-type]
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # X-Forwarded-For is read by core.client_address, which knows whom to believe
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )
