"""How long days take to be in the metastore, from a commit log in memory: `python -m bench.partitions HOST:PORT`."""

import argparse
import asyncio
import json
import time
from datetime import date, timedelta

from eyeshot.commit_log import DataFile, Manifest
from eyeshot.table import file_key
from eyeshot.tier import Address, Tier
from services.partitioner.app import Partitioner
from services.partitioner.metastore import HiveMetastore
from services.partitioner.settings import Metastore
from services.partitioner.settings import Partitioner as Settings

FIRST_DAY = date(1990, 1, 1)
BUCKET = "lake"


class LogOfDays:
    """One manifest that names a file of each day."""

    def __init__(self, days: int) -> None:
        files = tuple(_file(FIRST_DAY + timedelta(days=number)) for number in range(days))
        self._manifest = Manifest(
            nonce="bench",
            topic="events",
            topic_id="bench",
            created_at=0,
            reason="age",
            sequence=0,
            previous="",
            published_through=-1,
            next_offsets={},
            files=files,
        )

    async def after(self, sequence: int) -> list[Manifest]:
        """It, once."""
        return [self._manifest] if sequence < 0 else []


class NoData:
    """A bucket in which there is nothing to tidy."""

    async def keys_after(self, tier: Tier, prefix: str, after: str) -> list[str]:
        """None."""
        return []

    async def delete(self, address: Address) -> None:
        """Nothing."""


async def seconds_to_register(metastore: Metastore, days: int) -> float:
    """Seconds from a partitioner's start until so many days are in a database of the metastore that was empty."""
    partitioner = Partitioner(
        log=LogOfDays(days),
        metastore=HiveMetastore(metastore, BUCKET),
        data=NoData(),
        bucket=BUCKET,
        settings=Settings(),
        today=lambda: FIRST_DAY,
        epoch_ms=lambda: time.time_ns() // 1_000_000,
        monotonic=time.monotonic,
    )
    began = time.perf_counter()
    while await partitioner._step():
        pass
    took = time.perf_counter() - began
    if partitioner.trouble:
        raise RuntimeError(partitioner.trouble)
    return took


def main() -> None:
    """Print the seconds as one JSON line; the database is dropped by whoever made the metastore."""
    parser = argparse.ArgumentParser(prog="bench.partitions")
    parser.add_argument("metastore", help="host:port of a Hive metastore")
    parser.add_argument("--days", type=int, default=10_000)
    parser.add_argument("--database", default="bench_partitions")
    said = parser.parse_args()
    host, _, port = said.metastore.partition(":")
    settings = Metastore(host=host, port=int(port), database=said.database)
    seconds = asyncio.run(seconds_to_register(settings, said.days))
    again = asyncio.run(seconds_to_register(settings, said.days))
    print(json.dumps({"partitions": said.days, "seconds": round(seconds, 2), "again_seconds": round(again, 2)}))


def _file(day: date) -> DataFile:
    return DataFile(
        table="events",
        key=file_key("events", day, "bench"),
        day=day,
        upload_id="",
        part_etags=(),
        rows=1,
        bytes=1,
        record_time_min=0,
        record_time_max=0,
    )


if __name__ == "__main__":
    main()
