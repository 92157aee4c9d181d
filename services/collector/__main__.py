"""Put the collector together and run it: alone, or as the parent or one of several workers."""

import gc
import os
import random
import socket
import sys
import time
from pathlib import Path
from typing import NamedTuple

from eyeshot import logs
from eyeshot.settings import SettingError, load
from services.collector import workers
from services.collector.app import build
from services.collector.breaker import breaker_rules
from services.collector.intake import Intake
from services.collector.kafka import KafkaPublisher
from services.collector.peers import Peers
from services.collector.relay import Relay
from services.collector.server import Server
from services.collector.settings import CollectorSettings
from services.collector.shelf import Shelf
from services.collector.site_file import SiteFile
from services.collector.sites import SitesInvalid
from services.collector.spool import SqliteSpool


class Worker(NamedTuple):
    """What a parent tells its worker."""

    number: int
    parent: int
    listening: socket.socket
    folder: Path


def main(arguments: list[str]) -> int:
    """Exit status: 0 after a clean stop, 2 when a setting or the sites file is wrong."""
    try:
        settings = load(CollectorSettings, os.environ)
        sites = SiteFile(Path(settings.collector.sites_file))
    except (SettingError, SitesInvalid, OSError) as error:
        print(f"collector: {error}", file=sys.stderr)
        return workers.WRONG_SETTINGS
    logs.configure("collector", settings.log.level)
    if arguments:
        number, parent, descriptor, folder = arguments
        workers.be_a_worker()
        listening = socket.socket(fileno=int(descriptor))
        serve(settings, sites, Worker(int(number), int(parent), listening, Path(folder)))
    elif settings.collector.workers > 1:
        return workers.supervise(settings.collector)
    else:
        serve(settings, sites, None)
    return 0


def serve(settings: CollectorSettings, sites: SiteFile, worker: Worker | None) -> None:
    """Run until SIGTERM."""
    relay = Relay(
        KafkaPublisher(settings.kafka, settings.collector),
        SqliteSpool(settings.spool),
        rules=breaker_rules(settings.collector),
        drain_records=settings.spool.drain_records,
    )
    intake = Intake(settings.collector, relay, sites.sites, clock=_epoch_ms, chance=random.random)
    peers = Peers(worker.folder, worker.number, settings.collector.workers) if worker else None
    app = build(
        settings.collector,
        relay,
        intake,
        Shelf(Path(settings.collector.sdk_folder)).releases,
        background=(
            sites.follow(settings.collector.sites_poll_seconds),
            *([peers.serve()] if peers else []),
        ),
        metrics_page=peers.page if peers else None,
    )
    gc.freeze()
    # measured: 10-20 % of the full path, a third of whose time was the collector of garbage
    gc.set_threshold(50_000, 20, 50)
    server = Server(app, settings.collector, intake, worker.parent if worker else None)
    server.run([worker.listening] if worker else None)


def _epoch_ms() -> int:
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
