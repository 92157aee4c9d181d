"""Produce events straight to the Kafka topic, as a backend does: python examples/produce.py --bootstrap HOST:PORT."""

import argparse
import asyncio
import base64
import json
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


async def produce(bootstrap: str, topic: str) -> int:
    """Send a single event and a batch, wait until Kafka has them, say where they went; how many events were sent."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", compression_type="zstd")
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
    given = arguments.parse_args()
    asyncio.run(produce(given.bootstrap, given.topic))
