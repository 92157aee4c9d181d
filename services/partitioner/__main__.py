"""Put the partitioner together and run it."""

import asyncio
import logging
import os
import signal
import sys
import time
from datetime import datetime

from eyeshot import fail_point, health, logs
from eyeshot.commit_log import UnknownSchema
from eyeshot.settings import SettingError, load
from services.partitioner.app import Partitioner
from services.partitioner.metastore import HiveMetastore
from services.partitioner.schema import SchemaRefused
from services.partitioner.settings import PartitionerSettings
from services.partitioner.store import S3Data, S3ManifestLog
from services.partitioner.views import views


def main() -> int:
    """Exit status: 0 after a clean stop; 1 when the log cannot be understood, or the metastore's tables cannot become
    the declared ones; 2 when a setting is wrong.
    """
    try:
        settings = load(PartitionerSettings, os.environ)
        fail_point.arm(os.environ)
    except (SettingError, fail_point.BadFailPoint) as error:
        print(f"partitioner: {error}", file=sys.stderr)
        return 2
    logs.configure("partitioner", settings.log.level)
    try:
        asyncio.run(_run(settings))
    except (SchemaRefused, UnknownSchema) as error:
        logs.happened("stopped", level=logging.ERROR, reason=str(error))
        return 1
    return 0


async def _run(settings: PartitionerSettings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    partitioner = Partitioner(
        log=S3ManifestLog(settings.s3),
        data=S3Data(settings.s3),
        bucket=settings.s3.bucket,
        metastore=HiveMetastore(
            settings.metastore,
            settings.s3.bucket,
            catalog=settings.views.catalog,
            views=views(settings.views.each_zone, settings.partition.time_zone),
            partitions_at_once=settings.partitioner.batch_partitions_max,
        ),
        settings=settings.partitioner,
        today=lambda: datetime.now(settings.partition.zone).date(),
        epoch_ms=lambda: time.time_ns() // 1_000_000,
        monotonic=time.monotonic,
    )
    health.serve(
        settings.partitioner.host,
        settings.partitioner.port,
        lambda: partitioner.trouble,
    )
    await partitioner.run(stop)


if __name__ == "__main__":
    sys.exit(main())
