"""The SDK's delivery tests drive this: a real Kafka and a real collector, and nothing else of the stack.

Prints one JSON line with the collector's address. Then each line of its input is an order: `read` prints every
record's value, one a line, and an empty line; the end of the input stops everything and removes the data.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import urllib3
from confluent_kafka import Consumer, TopicPartition

from bench import broker
from deploy import ports
from deploy.patience import until

READY_SECONDS = 300.0
STOP_SECONDS = 60.0
ANSWER_SECONDS = 60


def main() -> None:
    """Start both, do as told, stop both."""
    with broker.running() as kafka, _collector(kafka.bootstrap) as url:
        _say(json.dumps({"url": url}))
        for order in sys.stdin:
            if order.strip() == "read":
                for value in _values(kafka.bootstrap):
                    _say(value.decode())
                _say("")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@contextmanager
def _collector(bootstrap: str) -> Iterator[str]:
    port = ports.free()["COLLECTOR_PORT"]
    with tempfile.TemporaryDirectory(prefix="eyeshot-delivery-") as folder:
        settings = {"KAFKA_BOOTSTRAP": bootstrap, "COLLECTOR_PORT": str(port), "SPOOL_FOLDER": folder}
        command = [sys.executable, "-m", "services.collector"]
        with subprocess.Popen(
            command, env=os.environ | settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            try:
                url = f"http://127.0.0.1:{port}"
                until(
                    "the collector",
                    lambda: _must_be_ready(url),
                    READY_SECONDS,
                    (_NotReady, urllib3.exceptions.HTTPError),
                )
                yield url
            finally:
                process.terminate()
                process.wait(STOP_SECONDS)


class _NotReady(Exception):
    """It does not accept batches yet."""


def _must_be_ready(url: str) -> None:
    answer = urllib3.request("GET", f"{url}/health/ready", retries=False, timeout=5)
    if answer.status != 200:
        raise _NotReady(str(answer.status))


def _values(bootstrap: str) -> Iterator[bytes]:
    """Every record of the topic, as far as it goes now."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "delivery", "enable.auto.commit": False})
    try:
        for partition in consumer.list_topics(broker.TOPIC, timeout=ANSWER_SECONDS).topics[broker.TOPIC].partitions:
            place = TopicPartition(broker.TOPIC, partition)
            start, end = consumer.get_watermark_offsets(place, timeout=ANSWER_SECONDS)
            consumer.assign([TopicPartition(broker.TOPIC, partition, start)])
            yield from _records(consumer, end - start)
    finally:
        consumer.close()


def _records(consumer: Consumer, count: int) -> Iterator[bytes]:
    while count:
        record = consumer.poll(ANSWER_SECONDS)
        if record is None:
            raise TimeoutError(f"{count} records are missing")
        if record.error():
            raise RuntimeError(record.error().str())
        count -= 1
        value = record.value()
        assert value is not None
        yield value


if __name__ == "__main__":
    main()
