"""Put the repairer together and run it: `python -m services.partitioner.repair [--apply]`."""

import argparse
import asyncio
import os
import sys
import time
from datetime import datetime

from eyeshot import logs
from eyeshot.commit_log import UnknownSchema
from eyeshot.settings import SettingError, load
from services.partitioner.differences import Difference, render
from services.partitioner.metastore import HiveMetastore
from services.partitioner.ports import DataUnavailable, LogUnavailable, MetastoreUnavailable
from services.partitioner.repairer import Repairer
from services.partitioner.settings import PartitionerSettings
from services.partitioner.store import S3Data, S3ManifestLog

UNAVAILABLE = (DataUnavailable, LogUnavailable, MetastoreUnavailable, UnknownSchema)


def main() -> int:
    """Exit status: 0 when log, listing and metastore agree, 1 when they do not, 2 when it could not be looked."""
    parser = argparse.ArgumentParser(prog="repair", description="Compare the commit log, the data and the metastore.")
    parser.add_argument("--apply", action="store_true", help="mend the metastore; data is never changed")
    apply = parser.parse_args().apply
    try:
        settings = load(PartitionerSettings, os.environ)
        logs.configure("repair", settings.log.level)
        return asyncio.run(run(_repairer(settings), apply=apply))
    except (SettingError, *UNAVAILABLE) as error:
        print(f"repair: {error}", file=sys.stderr)
        return 2


async def run(repairer: Repairer, *, apply: bool) -> int:
    """Say what differs, mend it if asked to, and look again; the exit status."""
    if apply:
        await repairer.create_tables()
    found = await repairer.find()
    if found:
        print(render(found))
    if apply and any(each.mend for each in found):
        mended = await repairer.mend(found)
        print(f"repair: {mended} of {len(found)} differences mended")
        found = await repairer.find()
        if found:
            print(render(found))
    print(_verdict(found, apply=apply))
    return 1 if found else 0


def _verdict(found: list[Difference], *, apply: bool) -> str:
    if not found:
        return "repair: 0 differences: the log, the data and the metastore agree"
    mendable = sum(each.mend is not None for each in found)
    kinds = ", ".join(sorted({each.kind for each in found}))
    hint = "" if apply or not mendable else f"; --apply mends {mendable} of them, in the metastore"
    data = "; what lies in the bucket is never changed here" if mendable < len(found) else ""
    return f"repair: {len(found)} differences: {kinds}{hint}{data}"


def _repairer(settings: PartitionerSettings) -> Repairer:
    return Repairer(
        log=S3ManifestLog(settings.s3),
        metastore=HiveMetastore(settings.metastore, settings.s3.bucket),
        data=S3Data(settings.s3),
        bucket=settings.s3.bucket,
        batch_max=settings.partitioner.batch_partitions_max,
        today=lambda: datetime.now(settings.partition.zone).date(),
        epoch_ms=lambda: time.time_ns() // 1_000_000,
        pause=time.sleep,
    )


if __name__ == "__main__":
    sys.exit(main())
