"""One way from records in memory to Parquet in memory: `python -m bench.compactor.in_memory WAY RECORDS`.

It first reads that many records of KAFKA_TOPIC, which costs nothing here, and prints what the way used.
"""

import gc
import json
import sys
import time
from collections.abc import Iterator

from confluent_kafka import Consumer, TopicPartition

from bench import tables
from bench.compactor.fill import connection
from bench.compactor.surroundings import surroundings
from bench.events import PARTITIONS
from services.compactor.rows import KafkaRecord

WAYS: dict[str, tables.Way] = {
    "pyarrow-batches": tables.ceiling_batches,
    "pyarrow-singles": tables.ceiling_singles,
    "duckdb-batches": tables.duckdb_batches,
    "duckdb-singles": tables.duckdb_singles,
    "ours": tables.ours,
}
POLL_SECONDS = 30
ROUNDS = 3


def main() -> None:
    """Print a JSON object: events, bytes, seconds of processor time and of the clock, of the best of some rounds."""
    way, records = WAYS[sys.argv[1]], list(_records(int(sys.argv[2])))
    gc.collect()
    gc.freeze()  # the data is no way's doing
    print(json.dumps(min((_round(way, records) for _ in range(ROUNDS)), key=lambda used: used["cpu_seconds"])))


def _round(way: tables.Way, records: list[KafkaRecord]) -> dict[str, float]:
    cpu, clock = time.process_time(), time.perf_counter()
    written = way(records)
    used = time.process_time() - cpu if written.cpu_seconds is None else written.cpu_seconds
    return {
        "events": written.rows,
        "bytes": written.bytes,
        "cpu_seconds": used,
        "seconds": time.perf_counter() - clock,
    }


def _records(count: int) -> Iterator[KafkaRecord]:
    kafka = surroundings().kafka
    consumer = Consumer({**connection(kafka), "group.id": "bench", "enable.auto.commit": False})
    topic = kafka.topic
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(PARTITIONS)])
    try:
        while count:
            some = consumer.consume(min(count, 10_000), POLL_SECONDS)
            assert some, "the topic has fewer records"
            for each in some:
                yield KafkaRecord(each.partition(), each.offset(), each.timestamp()[1], each.value())
            count -= len(some)
    finally:
        consumer.close()


if __name__ == "__main__":
    main()
