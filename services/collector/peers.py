"""The metrics of every worker in; one page, each sample labelled with its worker, out.

Each worker takes its own snapshot in one step of its event loop, so what sums up in one worker sums up on the page.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

ANSWER_SECONDS = 1.0


class _Family(NamedTuple):
    name: str
    documentation: str
    type: str
    samples: list[tuple[str, dict[str, str], float]]


class Peers:
    """Sockets in a folder, one per worker: whoever is asked for the metrics asks the others."""

    def __init__(self, folder: Path, number: int, workers: int) -> None:
        self._folder = folder
        self._number = number
        self._workers = workers

    async def serve(self) -> None:
        """Answer the other workers, until cancelled."""
        path = socket_path(self._folder, self._number)
        path.unlink(missing_ok=True)
        async with await asyncio.start_unix_server(_answer, path) as server:
            await server.serve_forever()

    async def page(self) -> bytes:
        """The metrics of all workers; one that does not answer is named by `worker_up` 0."""
        others = [number for number in range(self._workers) if number != self._number]
        answers = await asyncio.gather(*(self._ask(number) for number in others))
        snapshots: dict[int, bytes | None] = dict(zip(others, answers, strict=True))
        return generate_latest(_Merged(snapshots | {self._number: snapshot()}))

    async def _ask(self, number: int) -> bytes | None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                reader, writer = await asyncio.open_unix_connection(socket_path(self._folder, number))
                answer = await reader.read()
                writer.close()
        except (OSError, TimeoutError):
            return None
        return answer or None


def socket_path(folder: Path, number: int) -> Path:
    """Where a worker answers the others."""
    return folder / f"worker-{number}.sock"


def snapshot() -> bytes:
    """This process's metrics as they are now."""
    return msgspec.json.encode(
        [
            _Family(each.name, each.documentation, each.type, [(s.name, s.labels, s.value) for s in each.samples])
            for each in REGISTRY.collect()
        ]
    )


class _Merged:
    """Looks like a registry."""

    def __init__(self, snapshots: dict[int, bytes | None]) -> None:
        self._snapshots = snapshots

    def collect(self) -> Iterable[Metric]:
        """Families of all workers, under one heading each."""
        merged: dict[str, Metric] = {}
        up = GaugeMetricFamily("eyeshot_collector_worker_up", "Whether the worker answered", labels=["worker"])
        for number, body in sorted(self._snapshots.items()):
            up.add_metric([str(number)], float(body is not None))
            for family in msgspec.json.decode(body, type=list[_Family]) if body else []:
                metric = merged.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                for name, labels, value in family.samples:
                    metric.add_sample(name, labels | {"worker": str(number)}, value)
        return [up, *merged.values()]


async def _answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(snapshot())
    await writer.drain()
    writer.close()
