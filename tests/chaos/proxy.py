"""An HTTP proxy in front of a store: bytes pass unchanged, but some requests or answers get lost on the way."""

import asyncio
import contextlib
import re
import socket
import struct
from collections.abc import Callable, Coroutine
from typing import ClassVar, NamedTuple

DELAY_SECONDS = 0.4
HEAD_BYTES_MAX = 64 * 1024
BAD = b"HTTP/1.1 %d Injected\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
# Nobody signs these two, and both are between neighbours: we answer the first, and ask the store to close.
HOP = re.compile(rb"\r\n(?:expect|connection): [^\r]*", re.IGNORECASE)


class Asked(NamedTuple):
    """A request: its line, such as `PUT /lake/key?partNumber=1`, and all of its bytes."""

    line: str
    sent: bytes


Choose = Callable[[str], str | None]


class Proxy:
    """Listens on 127.0.0.1. `choose` says for each request line what is done to it; None lets it pass."""

    def __init__(self, upstream_port: int, choose: Choose, patience_seconds: float) -> None:
        """`patience_seconds` is how long the client waits for an answer."""
        self._upstream_port = upstream_port
        self._choose = choose
        self._patience_seconds = patience_seconds
        self._server: asyncio.Server | None = None
        self._running: set[asyncio.Task[None]] = set()

    async def start(self) -> str:
        """Listen; the URL."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=HEAD_BYTES_MAX)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        """Stop listening, and drop what is under way."""
        if self._server:
            self._server.close()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._running.add(task)
        try:
            while asked := await _request(reader, writer):
                if not await self._answer(asked, writer):
                    break
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # either side went away, which is what it is here for
        finally:
            self._running.discard(task)
            writer.close()

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> bool:
        """Pass a request on, or do to it what was chosen; whether the connection goes on."""
        treatment = self._choose(asked.line)
        if treatment is None:
            writer.write(await self._forward(asked))
            await writer.drain()
            return False  # the store was asked to close, and says so to the client
        await self._treatments[treatment](self, asked, writer)
        return False

    async def _forward(self, asked: Asked) -> bytes:
        """The store's whole answer; 503 when it is away."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._upstream_port)
        except OSError:
            return BAD % 503
        try:
            writer.write(asked.sent)
            await writer.drain()
            return await reader.read(-1)
        finally:
            writer.close()

    async def _refused_before(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(BAD % 503)

    async def _silent_before(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(2 * self._patience_seconds)

    async def _reset_before(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        _reset(writer)

    async def _error_after(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        await self._forward(asked)
        writer.write(BAD % 500)

    async def _silent_after(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        await self._forward(asked)
        await asyncio.sleep(2 * self._patience_seconds)

    async def _reset_after(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        await self._forward(asked)
        _reset(writer)

    async def _delayed(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        answer = await self._forward(asked)
        await asyncio.sleep(min(DELAY_SECONDS, self._patience_seconds / 2))
        writer.write(answer)

    async def _late(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(1.2 * self._patience_seconds)
        await self._forward(asked)

    _treatments: ClassVar[dict[str, Callable[["Proxy", Asked, asyncio.StreamWriter], Coroutine[None, None, None]]]] = {
        "refused_before": _refused_before,
        "silent_before": _silent_before,
        "reset_before": _reset_before,
        "error_after": _error_after,
        "silent_after": _silent_after,
        "reset_after": _reset_after,
        "delayed": _delayed,
        "late": _late,
    }


async def _request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Asked | None:
    """The next request, whole; None when the client has no more."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    if b"100-continue" in head.lower():
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    length = LENGTH.search(head)
    body = await reader.readexactly(int(length[1])) if length else b""
    line, rest = head.split(b"\r\n", 1)
    passed_on = HOP.sub(b"", b"\r\n" + rest[:-2]) + b"Connection: close\r\n\r\n"
    return Asked(line.decode("latin-1").rsplit(" ", 1)[0], line + passed_on + body)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Break the connection, so that the other side sees a reset and not an end."""
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
