"""Settings in; the keeper's view of the days and its rewriter, on the real store and the real Kafka, out."""

import secrets
import time
from collections.abc import Callable, Mapping

from eyeshot.lake.log import CommitLog
from eyeshot.lake.patience import PatientStore
from eyeshot.lake.s3 import S3Store
from eyeshot.lake.topic import KafkaTopic
from eyeshot.tier import TIERS, Tier
from services.keeper.days import Days
from services.keeper.rewrite import ParquetRewriter
from services.keeper.settings import KeeperSettings

NONCE_BYTES = 12


Stores = Mapping[Tier, PatientStore]


def open_stores(settings: KeeperSettings, stopping: Callable[[], bool] = lambda: False) -> Stores:
    """The bucket of each tier."""
    return {
        tier: PatientStore(
            S3Store(settings.s3, tier), retry_seconds_max=settings.keeper.retry_seconds_max, stopping=stopping
        )
        for tier in TIERS
    }


def trouble(stores: Stores) -> str | None:
    """Why one of them cannot be worked with, if it cannot."""
    return next((store.trouble for store in stores.values() if store.trouble), None)


def open_days(settings: KeeperSettings, stores: Stores) -> Days:
    """The days, as the log in the hot bucket tells them."""
    return Days(
        log=CommitLog(stores["hot"]),
        topic=KafkaTopic(settings.kafka),
        zone=settings.partition.zone,
        clock_seconds_max=settings.keeper.clock_seconds_max,
        epoch_ms=lambda: time.time_ns() // 1_000_000,
        new_nonce=lambda: secrets.token_hex(NONCE_BYTES),
    )


def open_rewriter(settings: KeeperSettings, stores: Stores) -> ParquetRewriter:
    """The rewriter of files in the stores."""
    return ParquetRewriter(
        stores,
        file_bytes=settings.keeper.file_bytes,
        row_group_rows=settings.keeper.row_group_rows,
        part_bytes=settings.keeper.part_bytes,
    )
