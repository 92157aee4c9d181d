"""Quix Streams' S3 file sink: `python quix_sink.py RECORDS`, the topic and the bucket from the environment."""

import json
import logging
import os
import sys
import time

from quixstreams import Application
from quixstreams.kafka import ConnectionConfig
from quixstreams.sinks.community.file.formats.parquet import ParquetFormat
from quixstreams.sinks.community.file.s3 import S3FileSink

COMMIT_SECONDS = 10.0


def main() -> None:
    """Print a JSON object: events, seconds of processor time and of the clock, from its start to the last file."""
    records = int(sys.argv[1])
    begun = time.perf_counter(), time.process_time()
    application = Application(
        broker_address=ConnectionConfig(
            bootstrap_servers=os.environ["KAFKA_BOOTSTRAP"],
            security_protocol=os.environ["KAFKA_SECURITY_PROTOCOL"].lower(),
            sasl_mechanism=os.environ["KAFKA_SASL_MECHANISM"],
            sasl_username=os.environ["KAFKA_USER"],
            sasl_password=os.environ["KAFKA_PASSWORD"],
        ),
        consumer_group="quix",
        auto_offset_reset="earliest",
        commit_interval=COMMIT_SECONDS,
        use_changelog_topics=False,
        loglevel=logging.WARNING,
    )
    sink = S3FileSink(
        bucket=os.environ["S3_BUCKET"],
        endpoint_url=os.environ["S3_ENDPOINT"],
        region_name="us-east-1",
        aws_access_key_id=os.environ["S3_ACCESS_KEY"],
        aws_secret_access_key=os.environ["S3_SECRET_KEY"],
        directory="events",
        format=ParquetFormat(),
    )
    topic = application.topic(os.environ["KAFKA_TOPIC"], value_deserializer="json", key_deserializer="bytes")
    application.dataframe(topic).sink(sink)
    application.run(count=records, collect=False)
    used = {"cpu_seconds": time.process_time() - begun[1], "seconds": time.perf_counter() - begun[0]}
    print(json.dumps({"events": records, **used}))


if __name__ == "__main__":
    main()
