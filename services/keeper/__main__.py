"""Put the keeper together and run it."""

import asyncio
import logging
import os
import secrets
import signal
import sys
import time

from eyeshot import health, logs
from eyeshot.commit_log import RecreatedTopic, UnknownSchema
from eyeshot.lake.log import CommitLog
from eyeshot.lake.patience import PatientStore
from eyeshot.lake.s3 import S3Store
from eyeshot.settings import SettingError, load
from services.keeper.app import Keeper
from services.keeper.rewrite import ParquetRewriter
from services.keeper.settings import KeeperSettings
from services.keeper.topic import KafkaTopic

NONCE_BYTES = 12


def main() -> int:
    """Exit status: 0 after a clean stop, 1 when the log cannot be understood, 2 when a setting is wrong."""
    try:
        settings = load(KeeperSettings, os.environ)
    except SettingError as error:
        print(f"keeper: {error}", file=sys.stderr)
        return 2
    logs.configure("keeper", settings.log.level)
    try:
        asyncio.run(_run(settings))
    except (RecreatedTopic, UnknownSchema) as error:
        logs.happened("stopped", level=logging.ERROR, reason=str(error))
        return 1
    return 0


async def _run(settings: KeeperSettings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    store = PatientStore(
        S3Store(settings.s3), retry_seconds_max=settings.keeper.retry_seconds_max, stopping=stop.is_set
    )
    keeper = Keeper(
        log=CommitLog(store),
        topic=KafkaTopic(settings.kafka),
        rewriter=ParquetRewriter(
            store,
            file_bytes=settings.keeper.file_bytes,
            row_group_rows=settings.keeper.row_group_rows,
            part_bytes=settings.keeper.part_bytes,
        ),
        settings=settings.keeper,
        zone=settings.partition.zone,
        epoch_ms=lambda: time.time_ns() // 1_000_000,
        new_nonce=lambda: secrets.token_hex(NONCE_BYTES),
    )
    health.serve(settings.keeper.host, settings.keeper.port, lambda: store.trouble or keeper.trouble)
    await keeper.run(stop)


if __name__ == "__main__":
    sys.exit(main())
