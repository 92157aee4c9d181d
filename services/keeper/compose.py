"""Settings in; the keeper's view of the days and its rewriter, on the real store and the real Kafka, out."""

import secrets
import time
from collections.abc import Callable

from eyeshot.lake.log import CommitLog
from eyeshot.lake.patience import PatientStore
from eyeshot.lake.s3 import S3Store
from eyeshot.lake.topic import KafkaTopic
from services.keeper.days import Days
from services.keeper.rewrite import ParquetRewriter
from services.keeper.settings import KeeperSettings

NONCE_BYTES = 12


def open_store(settings: KeeperSettings, stopping: Callable[[], bool] = lambda: False) -> PatientStore:
    """The lake's bucket."""
    return PatientStore(S3Store(settings.s3), retry_seconds_max=settings.keeper.retry_seconds_max, stopping=stopping)


def open_days(settings: KeeperSettings, store: PatientStore) -> Days:
    """The days, as the log in the store tells them."""
    return Days(
        log=CommitLog(store),
        topic=KafkaTopic(settings.kafka),
        zone=settings.partition.zone,
        clock_seconds_max=settings.keeper.clock_seconds_max,
        epoch_ms=lambda: time.time_ns() // 1_000_000,
        new_nonce=lambda: secrets.token_hex(NONCE_BYTES),
    )


def open_rewriter(settings: KeeperSettings, store: PatientStore) -> ParquetRewriter:
    """The rewriter of files in the store."""
    return ParquetRewriter(
        store,
        file_bytes=settings.keeper.file_bytes,
        row_group_rows=settings.keeper.row_group_rows,
        part_bytes=settings.keeper.part_bytes,
    )
