"""Put the compactor together and run it."""

import asyncio
import gc
import logging
import os
import secrets
import signal
import sys
import time
from typing import NoReturn

from eyeshot import fail_point, health, logs
from eyeshot.commit_log import RecreatedTopic, UnknownSchema
from eyeshot.lake.patience import PatientStore
from eyeshot.lake.ports import StoreUnavailable
from eyeshot.lake.s3 import S3Store
from eyeshot.settings import SettingError, load
from services.compactor import memory
from services.compactor.app import Compactor
from services.compactor.kafka import KafkaSource
from services.compactor.settings import CompactorSettings

NONCE_BYTES = 12
# A poll makes thousands of objects and no cycles; looking for some as often as Python does was a fifth of all time.
GC_THRESHOLDS = (100_000, 20, 50)


def main() -> int:
    """Exit status: 0 after a clean stop, 1 when something failed (restart it), 2 when a setting is wrong.

    The event loop is left as it is: closing it would wait for the Kafka client, whose coordination can lose a
    cancellation in the middle of a rebalance, and then stays a member of the group that reads nothing.
    """
    try:
        settings = load(CompactorSettings, os.environ)
        logs.configure("compactor", settings.log.level)
        fail_point.arm(os.environ)
    except (SettingError, fail_point.BadFailPoint) as error:
        print(f"compactor: {error}", file=sys.stderr)
        return 2
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    try:
        asyncio.Runner().run(_run(settings))
    except (StoreUnavailable, RecreatedTopic, UnknownSchema) as error:
        logs.happened("stopped", level=logging.ERROR, reason=str(error))
        return 1
    except Exception:
        logging.getLogger(__name__).exception("failed")
        return 1
    return 0


async def _run(settings: CompactorSettings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    store = PatientStore(
        S3Store(settings.s3, answer_seconds=settings.compactor.answer_seconds),
        retry_seconds_max=settings.compactor.retry_seconds_max,
        stopping=stop.is_set,
    )
    source = KafkaSource(settings.kafka, settings.compactor)
    compactor = Compactor(
        source=source,
        store=store,
        topic=settings.kafka.topic,
        settings=settings.compactor,
        zone=settings.partition.zone,
        monotonic=time.monotonic,
        epoch_ms=lambda: time.time_ns() // 1_000_000,
        new_nonce=lambda: secrets.token_hex(NONCE_BYTES),
        resident_bytes=memory.resident_bytes,
    )
    health.serve(
        settings.compactor.host, settings.compactor.port, lambda: store.trouble or source.trouble or compactor.trouble
    )
    await compactor.run(stop)


def end(status: int) -> NoReturn:
    """End this process now, whatever tasks and threads are left: a crash at any point is what the log is made for."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    end(main())
