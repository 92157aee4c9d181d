"""A name in; a small server to compare the collector with, on a port, out."""

import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import uvicorn
from aiokafka import AIOKafkaProducer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOPIC = "events"
Accept = Callable[[AIOKafkaProducer, bytes], Awaitable[int]]


async def naive(producer: AIOKafkaProducer, body: bytes) -> int:
    """What is written first: JSON in, one acknowledged record per event."""
    batch = msgspec.json.decode(body)
    for event in batch["e"]:
        await producer.send_and_wait(TOPIC, msgspec.json.encode(event), batch["pv"].encode())
    return len(batch["e"])


async def plain(producer: AIOKafkaProducer, body: bytes) -> int:
    """One acknowledged record per request, without validation."""
    batch = msgspec.json.decode(body)
    await producer.send_and_wait(TOPIC, body, batch["pv"].encode())
    return len(batch["e"])


def application(accept: Accept, bootstrap: str) -> Starlette:
    """A Starlette application around it."""
    parts: dict[str, Any] = {}

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap, acks="all", compression_type="zstd", linger_ms=5, max_batch_size=256 * 1024
        )
        await producer.start()
        parts["producer"] = producer
        yield
        await producer.stop()

    async def post(request: Request) -> Response:
        accepted = await accept(parts["producer"], await request.body())
        return JSONResponse({"accepted": accepted, "rejected": []}, 202)

    return Starlette(routes=[Route("/v1/events", post, methods=["POST"])], lifespan=lifespan)


if __name__ == "__main__":
    name, port = sys.argv[1:]
    app = application({"naive": naive, "plain": plain}[name], os.environ["KAFKA_BOOTSTRAP"])
    uvicorn.run(app, port=int(port), loop="uvloop", http="httptools", access_log=False, log_level="warning")
