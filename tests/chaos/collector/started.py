"""The real collector, started with one mistake on purpose: a harness that notices nothing proves nothing."""

import asyncio
import os
import sqlite3
import sys
from pathlib import Path

from services.collector import __main__ as collector
from services.collector import spool_files
from services.collector.kafka import KafkaPublisher

MISTAKE = "EYESHOT_CHAOS_MISTAKE"


def ack_before_kafka() -> None:
    """A record counts as durable as soon as it was handed to Kafka's client."""
    publish = KafkaPublisher.publish

    def hopeful(self: KafkaPublisher, key: bytes, value: bytes) -> "asyncio.Future[None]":
        publish(self, key, value)
        acknowledged: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        acknowledged.set_result(None)
        return acknowledged

    KafkaPublisher.publish = hopeful  # type: ignore[method-assign]


def no_fsync() -> None:
    """The spool trusts the page cache."""
    connect = spool_files._connect

    def careless(file: Path) -> sqlite3.Connection:
        db = connect(file)
        db.execute("PRAGMA synchronous = OFF")
        return db

    spool_files._connect = careless


MISTAKES = {"ack_before_kafka": ack_before_kafka, "no_fsync": no_fsync}

if __name__ == "__main__":
    MISTAKES[os.environ[MISTAKE]]()
    sys.exit(collector.main(sys.argv[1:]))
