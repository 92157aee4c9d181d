"""What others do instead of a partitioner: Trino compares folders with the metastore, by sync_partition_metadata."""

from typing import NamedTuple

from bench.query import ask
from bench.query.place import Place
from bench.query.registration import days
from eyeshot.table import partition_prefix

LAKE = "crawled"
FOLDERS = 1_000
SYNC = "CALL system.sync_partition_metadata('{}', 'events', 'ADD')"


class Crawl(NamedTuple):
    """Seconds to find all of so many days, then a single new one beside them, then nothing new."""

    folders: int
    all_seconds: float
    one_seconds: float
    none_seconds: float


def measure(place: Place) -> Crawl:
    """A table over folders that hold an object each."""
    place.lake(LAKE)
    client = place.client()
    ask.execute(place, LAKE, f"CREATE SCHEMA {LAKE} WITH (location = 's3://{LAKE}/')")
    columns = "page varchar, year varchar, month varchar, day varchar"
    partitioned = "partitioned_by = ARRAY['year', 'month', 'day']"
    *folders, another = [f"{partition_prefix('events', day)}file" for day in days(FOLDERS + 1)]
    for key in folders:
        client.put_object(Bucket=LAKE, Key=key, Body=b"-")
    ask.execute(
        place,
        LAKE,
        f"CREATE TABLE events ({columns}) WITH (external_location = 's3://{LAKE}/events', {partitioned})",
    )
    found_all = _sync(place)
    client.put_object(Bucket=LAKE, Key=another, Body=b"-")
    return Crawl(FOLDERS, found_all, _sync(place), _sync(place))


def _sync(place: Place) -> float:
    return ask.execute(place, LAKE, SYNC.format(LAKE)).seconds
