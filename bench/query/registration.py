"""How soon the real partitioner registers a day, how long it takes for 10,000, and what planning takes with them."""

import asyncio
import time
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from bench.query import ask, metastore
from bench.query.lake import Lake
from bench.query.place import Place
from deploy.patience import until
from eyeshot.commit_log import DataFile
from eyeshot.table import Slot, file_key
from services.partitioner.settings import Partitioner

MANIFESTS = 100
PAUSE_SECONDS_MAX = Partitioner().poll_seconds  # manifests come at any moment between two looks at the log
LOOK_SECONDS = 0.01
DAY_SECONDS_MAX = 60.0
FIRST_DAY = date(1990, 1, 1)
SIZES = (10, 1_000, 10_000)
REGISTER_SECONDS = 600.0
PLANS = 5
ONE_DAY = "EXPLAIN SELECT page, count(*) FROM events WHERE year = '1990' AND month = '01' AND day = '05' GROUP BY page"
EVERY_DAY = "EXPLAIN SELECT page, count(*) FROM events WHERE year >= '1990' GROUP BY page"


class Planning(NamedTuple):
    """Seconds of the partitioner's work, from its start with an empty metastore; median seconds of planning."""

    partitions: int
    registered_seconds: float
    one_day_seconds: float
    every_day_seconds: float


class Registration(NamedTuple):
    """What was measured; seconds from a manifest's put until the day is in the metastore, each."""

    seconds: list[float]
    planning: list[Planning]


class NotYet(Exception):
    """Not everything is registered."""


def measure(place: Place) -> Registration:
    """Both."""
    return Registration(_latencies(place), [_planning(place, size) for size in SIZES])


def a_file(day: date) -> DataFile:
    """What a manifest says of a file of the day. Nobody opens it here, and it does not exist."""
    return DataFile(
        table="events",
        key=file_key(*Slot("events", day), "nowhere"),
        day=day,
        upload_id="",
        part_etags=(),
        rows=1,
        bytes=1,
        record_time_min=0,
        record_time_max=0,
    )


def days(number: int) -> Sequence[date]:
    """So many days in a row."""
    return [FIRST_DAY + timedelta(days=each) for each in range(number)]


def _latencies(place: Place) -> list[float]:
    name = "latency"
    lake = Lake(place.lake(name))
    random = Random(1)  # noqa: S311 - pauses
    with place.service("partitioner", name), metastore.connected(place, name) as known:
        asyncio.run(lake.commit([a_file(FIRST_DAY)]))
        until("the partitioner", lambda: _must_know(known, 1), DAY_SECONDS_MAX, NotYet)
        seconds = []
        for day in days(MANIFESTS + 1)[1:]:
            time.sleep(random.uniform(0, PAUSE_SECONDS_MAX))
            begun = time.monotonic()
            asyncio.run(lake.commit([a_file(day)]))
            while known.location(day) is None:
                assert time.monotonic() - begun < DAY_SECONDS_MAX, f"{day} is not registered"
                time.sleep(LOOK_SECONDS)
            seconds.append(time.monotonic() - begun)
    return seconds


def _planning(place: Place, size: int) -> Planning:
    name = f"days{size}"
    asyncio.run(Lake(place.lake(name)).commit([a_file(day) for day in days(size)]))
    with metastore.connected(place, name) as known:
        begun = time.monotonic()
        with place.service("partitioner", name):
            until("the partitioner", lambda: _must_know(known, size), REGISTER_SECONDS, NotYet)
            assert known.days() >= size, f"{known.days()} days, not {size}"
        registered = time.monotonic() - begun
    one, every = (ask.trino(place, name, statement, rounds=PLANS).seconds for statement in (ONE_DAY, EVERY_DAY))
    return Planning(size, registered, one, every)


def _must_know(known: metastore.Metastore, number: int) -> None:
    """The last of so many days comes last: asked for it alone, the metastore has little to say."""
    if known.location(days(number)[-1]) is None:
        raise NotYet(f"it has not registered {number} days")
