"""Put the rollup together and run it."""

import asyncio
import logging
import os
import signal
import sys
import time

from eyeshot import fail_point, health, logs
from eyeshot.commit_log import UnknownSchema
from eyeshot.lake.days import LakeDays
from eyeshot.lake.log import CommitLog
from eyeshot.lake.patience import PatientStore
from eyeshot.lake.s3 import S3Store
from eyeshot.lake.topic import KafkaTopic
from eyeshot.settings import SettingError, load
from services.rollup.app import Rollup
from services.rollup.postgres import PostgresBook
from services.rollup.settings import RollupSettings
from services.rollup.trino import TrinoClient


def main() -> int:
    """Exit status: 0 after a clean stop, 1 when the log cannot be understood, 2 when a setting is wrong."""
    try:
        settings = load(RollupSettings, os.environ)
        fail_point.arm(os.environ)
    except (SettingError, fail_point.BadFailPoint) as error:
        print(f"rollup: {error}", file=sys.stderr)
        return 2
    logs.configure("rollup", settings.log.level)
    try:
        asyncio.run(_run(settings))
    except UnknownSchema as error:
        logs.happened("stopped", level=logging.ERROR, reason=str(error))
        return 1
    return 0


async def _run(settings: RollupSettings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    own = settings.rollup
    store = PatientStore(S3Store(settings.s3), retry_seconds_max=own.retry_seconds_max, stopping=stop.is_set)
    rollup = Rollup(
        days=LakeDays(
            log=CommitLog(store),
            topic=KafkaTopic(settings.kafka),
            zone=settings.partition.zone,
            clock_seconds_max=own.clock_seconds_max,
            epoch_ms=lambda: time.time_ns() // 1_000_000,
        ),
        trino=TrinoClient(settings.trino),
        book=PostgresBook(settings.database, own.time_zone),
        settings=own,
        monotonic=time.monotonic,
    )
    health.serve(own.host, own.port, lambda: store.trouble or rollup.trouble)
    await rollup.run(stop)


if __name__ == "__main__":
    sys.exit(main())
