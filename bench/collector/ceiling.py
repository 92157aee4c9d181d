"""The collector itself, with a Kafka that acknowledges at once: what the rest of it costs."""

import asyncio
import os
import random
import time
from pathlib import Path

from eyeshot.settings import load
from services.collector.app import build
from services.collector.breaker import breaker_rules
from services.collector.intake import Intake
from services.collector.relay import Relay
from services.collector.server import Server
from services.collector.settings import CollectorSettings
from services.collector.site_file import SiteFile
from services.collector.spool import SqliteSpool


class Nowhere:
    """Acknowledges everything, keeps nothing."""

    async def start(self) -> None:
        """Nothing to connect to."""
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._done.set_result(None)

    async def stop(self) -> None:
        """Nothing to let go of."""

    def publish(self, key: bytes, value: bytes) -> "asyncio.Future[None]":
        """Done."""
        return self._done

    def ready(self) -> str | None:
        """Always."""
        return None


def main() -> None:
    """Serve until SIGTERM, as it is set by the environment."""
    settings = load(CollectorSettings, os.environ)
    sites = SiteFile(Path(settings.collector.sites_file))
    relay = Relay(
        Nowhere(),
        SqliteSpool(settings.spool),
        rules=breaker_rules(settings.collector),
        drain_records=settings.spool.drain_records,
    )
    intake = Intake(settings.collector, relay, sites.sites, clock=_epoch_ms, chance=random.random)
    Server(build(settings.collector, relay, intake, dict), settings.collector, intake).run()


def _epoch_ms() -> int:
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    main()
