"""A day of small files is merged by the real keeper and swapped by the real partitioner while clients query it."""

import asyncio
import time
from datetime import date
from typing import NamedTuple

from bench.query import ask, metastore
from bench.query.ask import Cost
from bench.query.clients import Clients, Tally
from bench.query.place import Place
from deploy.patience import until
from eyeshot.commit_log import Manifest
from eyeshot.lake.log import CommitLog
from eyeshot.lake.s3 import S3Store
from eyeshot.table import REWRITTEN_PREFIX, partition_values

CLIENTS = 20
SECONDS_MAX = 1_800.0
LOOK_SECONDS = 0.25
KEEPER = {"KEEPER_POLL_SECONDS": "0.5", "KEEPER_WARM_DAYS": "0", "KEEPER_COLD_DAYS": "0"}  # the day is an old one
# One number for a row's coordinates: cheaper to count than the three of them.
COORDINATES = "(kafka_partition * BIGINT '1000000000000' + kafka_offset) * 500 + batch_index"
QUESTION = "SELECT count(*), count(DISTINCT {}) FROM events WHERE year = '{}' AND month = '{}' AND day = '{}'"


class Merge(NamedTuple):
    """What was seen. `merged_seconds` from the keeper's start to its manifest, `swapped_seconds` from there on."""

    after: Cost
    files: int
    bytes: int
    merged_seconds: float
    swapped_seconds: float
    clients: int
    answers: Tally


class NotYet(Exception):
    """The metastore does not name the merged files."""


def measure(place: Place, lake: str, day: date, rows: int, question: str) -> Merge:
    """Merge the day, which holds so many rows, and ask the question again."""
    with place.service("partitioner", lake), metastore.connected(place, lake) as known:
        with Clients(lambda: _count(place, lake, day), [rows, rows], CLIENTS) as clients:
            begun = time.monotonic()
            with place.service("keeper", lake, **KEEPER):
                merged = asyncio.run(_merged(place, lake))
                merged_at = time.monotonic()
                until("the swap", lambda: _must_be_swapped(known, day), SECONDS_MAX, NotYet)
                swapped_at = time.monotonic()
            clients.wait_for_all(since=swapped_at, seconds=SECONDS_MAX)
        after = ask.trino(place, lake, question)
    return Merge(
        after=after,
        files=len(merged.files),
        bytes=sum(file.bytes for file in merged.files),
        merged_seconds=merged_at - begun,
        swapped_seconds=swapped_at - merged_at,
        clients=CLIENTS,
        answers=clients.tally,
    )


def _count(place: Place, lake: str, day: date) -> list[int]:
    """How many rows the day has, and how many different ones."""
    (answer,) = ask.execute(place, lake, QUESTION.format(COORDINATES, *partition_values(day)), writable=False).rows
    return answer


async def _merged(place: Place, lake: str) -> Manifest:
    """The first merge in the log, waited for. Raises TimeoutError."""
    log, read = CommitLog(S3Store(place.lake(lake))), -1
    async with asyncio.timeout(SECONDS_MAX):
        while True:
            async for manifest in log.manifests_after(read):
                read = manifest.sequence
                if manifest.kind == "merge":
                    return manifest
            await asyncio.sleep(LOOK_SECONDS)


def _must_be_swapped(known: metastore.Metastore, day: date) -> None:
    location = known.location(day) or "nowhere"
    if REWRITTEN_PREFIX not in location:
        raise NotYet(f"the metastore says {location}")
