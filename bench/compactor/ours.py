"""A filled topic in; the real compactor's way to committed Parquet, what it cost and what the log says of it, out."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

import urllib3

from bench.compactor.fill import Filled
from bench.compactor.place import Place
from bench.compactor.process import Cost, Watched
from deploy import ports
from eyeshot.commit_log import DataFile, Manifest, decode
from eyeshot.table import LOG_PREFIX

CONSUMED = "eyeshot_compactor_records_consumed_total"


class Compacted(NamedTuple):
    """One run to the topic's end, the clean stop included."""

    cost: Cost
    manifests: list[Manifest]

    @property
    def files(self) -> list[DataFile]:
        """The files of events."""
        return [file for manifest in self.manifests for file in manifest.files if file.table == "events"]

    @property
    def rows(self) -> int:
        """Events stored."""
        return sum(file.rows for file in self.files)

    @property
    def bytes(self) -> int:
        """Bytes of Parquet."""
        return sum(file.bytes for file in self.files)


def compact(place: Place, filled: Filled, settings: dict[str, str] | None = None) -> Compacted:
    """Run a compactor of default settings, or these, until it has consumed the topic; then stop it."""
    bucket = place.make_bucket(bucket_of(filled))
    process, page = start(place, filled.topic, bucket, settings or {})
    process.until(lambda: _consumed(page) >= filled.records)
    cost = process.stop()
    compacted = Compacted(cost, list(manifests(place, bucket)))
    assert compacted.rows == filled.events, f"{compacted.rows} rows of {filled.events} events"
    return compacted


def bucket_of(filled: Filled) -> str:
    """The bucket that a topic is compacted into."""
    return f"ours-{filled.topic}"


def start(place: Place, topic: str, bucket: str, settings: dict[str, str]) -> tuple[Watched, str]:
    """A compactor, and the address of its metrics."""
    port = ports.free()["COMPACTOR_PORT"]
    environment = place.environment(topic, bucket) | {"COMPACTOR_PORT": str(port)} | settings
    command = [sys.executable, "-m", "services.compactor"]
    return Watched(command, environment, place.folder / f"{bucket}.log"), f"http://127.0.0.1:{port}/metrics"


def manifests(place: Place, bucket: str, after: str = "") -> Iterator[Manifest]:
    """The manifests of the log whose keys sort after this one, oldest first."""
    client = place.client()
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=LOG_PREFIX, StartAfter=after)
    for page in pages:
        for there in page.get("Contents", []):
            yield decode(client.get_object(Bucket=bucket, Key=there["Key"])["Body"].read())


def _consumed(page: str) -> int:
    with suppress(urllib3.exceptions.HTTPError):
        text = urllib3.request("GET", page, retries=False, timeout=5).data.decode()
        for line in text.splitlines():
            if line.startswith(CONSUMED):
                return round(float(line.rsplit(" ", 1)[1]))
    return 0
