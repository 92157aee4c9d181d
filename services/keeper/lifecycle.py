"""Put the report together and print it: `python -m services.keeper.lifecycle`."""

import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import datetime

from eyeshot import logs
from eyeshot.commit_log import UnknownSchema
from eyeshot.lake.log import CommitLog
from eyeshot.lake.ports import NoSuchObject, StoreUnavailable
from eyeshot.lake.s3 import S3Store
from eyeshot.live import LiveTable
from eyeshot.settings import SettingError, load
from eyeshot.tier import bucket_of
from services.keeper.settings import KeeperSettings
from services.keeper.tiers import Share, shares

HEAD = ("tier", "bucket", "days", "files", "bytes", "moves next")


def main() -> int:
    """Exit status: 0 when it could be told, 2 when it could not."""
    try:
        settings = load(KeeperSettings, os.environ)
        logs.configure("lifecycle", settings.log.level)
        live = asyncio.run(_live(settings))
    except (SettingError, NoSuchObject, StoreUnavailable, UnknownSchema) as error:
        print(f"lifecycle: {error}", file=sys.stderr)
        return 2
    print(report(settings, live))
    return 0


async def _live(settings: KeeperSettings) -> LiveTable:
    table = LiveTable()
    async for manifest in CommitLog(S3Store(settings.s3)).manifests_after(-1):
        table.append(manifest)
    return table


def report(settings: KeeperSettings, live: LiveTable) -> str:
    """What lies in each tier by the commit log, and what moves next; who moves it is said below."""
    found = shares(live, settings.partition.zone, settings.keeper.ages)
    lines = [HEAD, *(_row(share, settings) for share in found)]
    widths = [max(len(line[number]) for line in lines) for number in range(len(HEAD) - 1)]
    table = [_padded(line, widths) for line in lines]
    return "\n".join([*table, "", _who(settings)])


def _row(share: Share, settings: KeeperSettings) -> tuple[str, ...]:
    bucket = bucket_of(share.tier, settings.s3.bucket)
    return share.tier, bucket, f"{share.days:,}", f"{share.files:,}", f"{share.bytes:,}", _next(share, settings)


def _next(share: Share, settings: KeeperSettings) -> str:
    if share.next is None:
        return "nothing"
    (slot, tier), at = share.next
    when = datetime.fromtimestamp(at / 1000, settings.partition.zone)
    return f"{slot.table} of {slot.day} to {tier}, due {when:%Y-%m-%d %H:%M} {settings.partition.time_zone}"


def _padded(line: Sequence[str], widths: Sequence[int]) -> str:
    tier, bucket, *numbers = (cell.ljust(width) for cell, width in zip(line, widths, strict=False))
    right = (cell.strip().rjust(width) for cell, width in zip(numbers, widths[2:], strict=True))
    return "  ".join([tier, bucket, *right, line[-1]])


def _who(settings: KeeperSettings) -> str:
    keeper = settings.keeper
    if keeper.tiers == "native":
        return "KEEPER_TIERS=native: the store moves objects within the bucket, by its own rules; the log sees them hot"
    ages = ", ".join(
        f"{tier} after {days} days" for tier, days in zip(("warm", "cold"), keeper.ages, strict=True) if days
    )
    return f"KEEPER_TIERS=copy: the keeper moves closed days, {ages or 'but none ever: both ages are 0'}"


if __name__ == "__main__":
    sys.exit(main())
