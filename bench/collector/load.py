"""A port, a time and a rate in; how many batches were acknowledged and how long they took out, as JSON.

With a rate the load is open: batches leave at constant intervals whether or not earlier ones were answered, and a
latency counts from when its batch should have left. Without, each connection sends as soon as it has its answer.
"""

import asyncio
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import cast

import msgspec
import uvloop

EVENTS = 20
CONNECTIONS = 64
_EVENT = {
    "et": "link_impression",
    "ts": 1_764_072_000_000,
    "l": "https://shop.example/product/12345",
    "lb": "Shop now",
    "pl": "inline",
    "vr": 0.87,
    "vd": 1203,
}
_HEAD = {"s": "demo", "p": "https://news.example/a", "pv": "0" * 22, "so": "page", "n": 0, "st": 1_764_072_000_000}
_BODY = msgspec.json.encode(_HEAD | {"v": "0.1.0", "vp": [1280, 720], "e": [_EVENT] * EVENTS})
_REQUEST = (
    b"POST /v1/events HTTP/1.1\r\nHost: bench\r\nContent-Type: text/plain\r\nUser-Agent: Mozilla/5.0 Firefox/140.0\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(_BODY), _BODY)
)
_BEFORE, _AFTER = _REQUEST.split(b"0" * 22)


class Connection(asyncio.Protocol):
    """One request at a time; small answers come in one piece."""

    def __init__(self, on_answer: Callable[["Connection", bool], None]) -> None:
        self._on_answer = on_answer
        self.due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def send(self, number: int, due: float) -> None:
        """Send batch `number`, which should have left at `due`."""
        self.due = due
        self._transport.write(b"%s%022d%s" % (_BEFORE, number, _AFTER))

    def data_received(self, data: bytes) -> None:
        """The answer."""
        if data.startswith(b"HTTP"):
            self._on_answer(self, data.startswith(b"HTTP/1.1 202"))


class Load:
    """Sends, and remembers how long each took."""

    def __init__(self, seconds: float, rate: float) -> None:
        self._rate = rate
        self._until = time.perf_counter() + seconds
        self._idle: deque[Connection] = deque()
        self._late: deque[float] = deque()
        self._sent = time.time_ns()
        self.seconds: list[float] = []
        self.failed = 0

    async def run(self, port: int) -> None:
        """Until the time is over."""
        loop = asyncio.get_running_loop()
        for _ in range(CONNECTIONS):
            _, made = await loop.create_connection(lambda: Connection(self._answered), "127.0.0.1", port)
            self._idle.append(made)
        due = time.perf_counter()
        if not self._rate:
            while self._idle:
                self._send(self._idle.popleft(), due)
        while (now := time.perf_counter()) < self._until:
            while self._rate and due <= now:
                self._late.append(due)
                due += 1 / self._rate
            self._pair()
            await asyncio.sleep(0.001 if self._rate else 0.05)
        await asyncio.sleep(0.5)

    def _pair(self) -> None:
        while self._late and self._idle:
            self._send(self._idle.popleft(), self._late.popleft())

    def _send(self, connection: Connection, due: float) -> None:
        self._sent += 1
        connection.send(self._sent, due)

    def _answered(self, connection: Connection, accepted: bool) -> None:  # noqa: FBT001 - a callback
        now = time.perf_counter()
        self.failed += not accepted
        self.seconds.append(now - connection.due)
        if now >= self._until:
            return
        if self._rate:
            self._idle.append(connection)
            self._pair()
        else:
            self._send(connection, now)


def main(port: int, seconds: float, rate: float) -> None:
    """Print the result."""
    load = Load(seconds, rate)
    uvloop.run(load.run(port))
    ordered = sorted(load.seconds)
    quantiles = {f"p{q}_ms": round(ordered[int(len(ordered) * q / 100)] * 1e3, 1) for q in (50, 99, 99.9)}
    print(msgspec.json.encode({"batches": len(ordered), "failed": load.failed} | quantiles).decode())


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))
