"""The loop one writes first, end to end: getmany, json.loads, a dict per event, from_pylist, write, put.

`python -m bench.compactor.naive RECORDS`: it reads that many records of KAFKA_TOPIC, writes a file a day to S3_BUCKET
and prints what it used. It commits nothing and checks nothing.
"""

import asyncio
import json
import sys
import time

import boto3
from aiokafka import AIOKafkaConsumer
from botocore.config import Config

from bench.compactor.surroundings import surroundings
from bench.tables import NaiveFiles
from eyeshot.kafka_login import for_aiokafka
from services.compactor.rows import KafkaRecord

RECORDS_AT_ONCE = 5_000
AROUND = surroundings()


def main() -> None:
    """Print a JSON object: events, bytes, seconds of processor time and of the clock."""
    begun = time.perf_counter(), time.process_time()
    files = asyncio.run(_consumed(int(sys.argv[1])))
    written, bodies = files.close()
    for day, body in bodies.items():
        _put(f"events/day={day}/naive.parquet", body)
    used = {"cpu_seconds": time.process_time() - begun[1], "seconds": time.perf_counter() - begun[0]}
    print(json.dumps({"events": written.rows, "bytes": written.bytes, **used}))


async def _consumed(records: int) -> NaiveFiles:
    files = NaiveFiles()
    consumer = AIOKafkaConsumer(
        AROUND.kafka.topic,
        bootstrap_servers=AROUND.kafka.bootstrap,
        **for_aiokafka(AROUND.kafka),
        group_id=None,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        while records > 0:
            polled = await consumer.getmany(timeout_ms=1_000, max_records=min(records, RECORDS_AT_ONCE))
            for some in polled.values():
                files.take([KafkaRecord(each.partition, each.offset, each.timestamp, each.value) for each in some])
                records -= len(some)
    finally:
        await consumer.stop()
    return files


def _put(key: str, body: bytes) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=AROUND.s3.endpoint,
        region_name=AROUND.s3.region,
        aws_access_key_id=AROUND.s3.access_key,
        aws_secret_access_key=AROUND.s3.secret_key,
        config=Config(s3={"addressing_style": "path"}),
    )
    client.put_object(Bucket=AROUND.s3.bucket, Key=key, Body=body)


if __name__ == "__main__":
    main()
