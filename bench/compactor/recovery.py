"""How long after kill -9 of the only compactor, under load, its successor's first commit is there to be read."""

import math
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from confluent_kafka import Producer

from bench.compactor import fill, ours
from bench.compactor.place import Place
from eyeshot.commit_log import Manifest
from eyeshot.settings import Kafka
from eyeshot.table import manifest_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TOPIC, BUCKET = "recovery", "recovery"
FLUSH_SECONDS = 2.0
RECORDS_PER_SECOND = 500
LOAD_STEPS_PER_SECOND = 20
SHARE = 0.95


def seconds_to_commit(place: Place, times: int) -> list[float]:
    """For each kill, seconds from the successor's start to its first published commit."""
    fill.create(place.kafka, TOPIC)
    place.make_bucket(BUCKET)
    random = Random(times)  # noqa: S311 - when to kill
    taken = []
    with _load(place):
        process, _ = ours.start(place, TOPIC, BUCKET, _settings())
        after = _published_after(place, -1)
        for _ in range(times):
            time.sleep(random.uniform(0, 2 * FLUSH_SECONDS))
            process.stop(signal.SIGKILL)
            after = _tip(place, after)
            begun = time.monotonic()
            process, _ = ours.start(place, TOPIC, BUCKET, _settings())
            after = _published_after(place, after)
            taken.append(time.monotonic() - begun)
        process.stop()
    return taken


def percentile(seconds: list[float]) -> float:
    """The 95th, by nearest rank."""
    return sorted(seconds)[math.ceil(SHARE * len(seconds)) - 1]


def _settings() -> dict[str, str]:
    return {"COMPACTOR_FLUSH_SECONDS": str(FLUSH_SECONDS)}


def _tip(place: Place, after: int) -> int:
    """The newest manifest's number, known to be at least `after`."""
    newer = [each.sequence for each in _newer(place, after)]
    return max([after, *newer])


def _published_after(place: Place, after: int) -> int:
    """Wait for a manifest above this number whose files all exist; its number."""
    while True:
        for manifest in _newer(place, after):
            if all(_exists(place.client(), file.key) for file in manifest.files):
                return manifest.sequence
        time.sleep(0.1)


def _newer(place: Place, after: int) -> Iterator[Manifest]:
    return ours.manifests(place, BUCKET, manifest_key(after) if after >= 0 else "")


def _exists(client: "S3Client", key: str) -> bool:
    try:
        client.head_object(Bucket=BUCKET, Key=key)
    except ClientError:
        return False
    return True


@contextmanager
def _load(place: Place) -> Iterator[None]:
    stop = threading.Event()
    loading = threading.Thread(target=_produce, args=(place.kafka, stop))
    loading.start()
    try:
        yield
    finally:
        stop.set()
        loading.join()


def _produce(kafka: Kafka, stop: threading.Event) -> None:
    producer = Producer({**fill.connection(kafka), "compression.type": "zstd"})
    records = fill.endless(fill.batches())
    while not stop.wait(1 / LOAD_STEPS_PER_SECOND):
        for _ in range(RECORDS_PER_SECOND // LOAD_STEPS_PER_SECOND):
            fill.produce(producer, TOPIC, next(records))
        producer.poll(0)
    producer.flush(fill.ANSWER_SECONDS)
