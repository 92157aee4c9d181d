"""The collector itself, with a Kafka that acknowledges at once: what the rest of it costs."""

import asyncio
import random
import sys
import time

from services.collector.app import build
from services.collector.breaker import breaker_rules
from services.collector.intake import Intake
from services.collector.relay import Relay
from services.collector.server import Server
from services.collector.settings import Collector, Spool
from services.collector.sites import Site
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


def main(port: int, folder: str) -> None:
    """Serve until SIGTERM."""
    settings = Collector(port=port, address_requests_per_second=1_000_000, address_requests_burst=10_000_000)
    sites = {"demo": Site(events_per_second=1_000_000, events_burst=10_000_000)}
    relay = Relay(Nowhere(), SqliteSpool(Spool(folder=folder)), rules=breaker_rules(settings), drain_records=1_000)
    intake = Intake(settings, relay, lambda: sites, clock=lambda: time.time_ns() // 1_000_000, chance=random.random)
    Server(build(settings, relay, intake, dict), settings, intake.stop).run()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
