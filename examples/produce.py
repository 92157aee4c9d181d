"""Produce events straight to the Kafka topic, as a backend does: python examples/produce.py --bootstrap HOST:PORT.

The user's password is read from KAFKA_PASSWORD: on the command line everybody could see it.
"""

import argparse
import asyncio
import base64
import json
import os
import secrets
import time
from typing import Any

from aiokafka import AIOKafkaProducer


def single_event(order: int) -> dict[str, Any]:
    """One event as one JSON object: full names, batch fields inline, fields of your own in `properties` or beside."""
    return {
        "site": "shop",
        "event_type": "mail_opened",
        "timestamp": now_ms(),
        "link": "https://shop.example/orders",
        "properties": {"order": order, "template": "thanks"},
        "experiment": "B",  # declared nowhere: it is kept in the column `extra`
    }


def batch_with_identity(events: int) -> dict[str, Any]:
    """A batch. With page_view_id, source and sequence it may be sent twice: the three name each event for ever."""
    return {
        "site": "shop",
        "page": "https://shop.example/orders",
        "page_view_id": base64.urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode(),
        "source": "page",
        "sequence": 0,
        "events": [
            {"event_type": "link_impression", "timestamp": now_ms(), "link": f"https://shop.example/item/{number}"}
            for number in range(events)
        ],
    }


def now_ms() -> int:
    """Epoch milliseconds."""
    return time.time_ns() // 1_000_000


def login(user: str, password: str) -> dict[str, str]:
    """What a client says to log in. Encrypt (SASL_SSL) where Kafka is on another machine."""
    return {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": user,
        "sasl_plain_password": password,
    }


async def produce(bootstrap: str, topic: str, user: str, password: str) -> int:
    """Send a single event and a batch, wait until Kafka has them, say where they went; how many events were sent."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", compression_type="zstd", **login(user, password)
    )
    await producer.start()
    try:
        values = [single_event(order=4711), batch_with_identity(events=3)]
        for value in values:
            key = str(value.get("page_view_id") or secrets.token_hex(8))
            sent = await producer.send_and_wait(topic, json.dumps(value).encode(), key=key.encode())
            print(f"{len(value.get('events', [1]))} event(s) at partition {sent.partition}, offset {sent.offset}")
        return sum(len(value.get("events", [1])) for value in values)
    finally:
        await producer.stop()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bootstrap", default="127.0.0.1:19092")
    arguments.add_argument("--topic", default="events")
    arguments.add_argument("--user", default="producer")
    given = arguments.parse_args()
    asyncio.run(produce(given.bootstrap, given.topic, given.user, os.environ["KAFKA_PASSWORD"]))
