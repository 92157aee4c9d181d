"""Bodies through the collector's real ASGI application; what it answered, and every answer that is wrong, out.

Right is: a documented status, a JSON body, and for 202 a record in which the compactor's reader finds exactly the
events that the answer names.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import Any, NamedTuple

import msgspec
import psutil
import uvloop

from eyeshot.reading import InvalidBatch, read_record
from services.collector.app import App, build
from services.collector.intake import Intake
from services.collector.relay import Relay
from services.collector.settings import Collector
from services.collector.sites import Site
from tests.builders import NOW_MS
from tests.collector import RULES
from tests.fuzz.bodies import Request, request
from tests.twins import MemoryPublisher, MemorySpool

STATUSES = frozenset({202, 400, 403, 413})
EXAMPLES_MAX = 10
MIB = 1024 * 1024


class Result(NamedTuple):
    """Answers by status, the first wrong ones, and MiB of memory after a tenth of the bodies and after all."""

    statuses: Counter[int]
    wrong: list[str]
    rss_before: float
    rss_after: float


class Target:
    """The application over a publisher that keeps nothing but the last record."""

    def __init__(self) -> None:
        settings = Collector(address_requests_per_second=1_000_000, address_requests_burst=10_000_000)
        sites = {"demo": Site(test_mode=True, events_per_second=1_000_000, events_burst=10_000_000)}
        self._publisher = MemoryPublisher()
        relay = Relay(self._publisher, MemorySpool(), rules=RULES, drain_records=10)
        self._intake = Intake(settings, relay, lambda: sites, clock=lambda: NOW_MS, chance=lambda: 0.0)
        self._app: App = build(settings, relay, self._intake, dict)

    async def wrong_answer(self, sent: Request, statuses: Counter[int]) -> str | None:
        """Send it; what is wrong with the answer, if anything."""
        self._publisher.records.clear()
        answer: list[dict[str, Any]] = []
        chunks = iter(sent.body)
        left = len(sent.body)

        async def receive() -> dict[str, Any]:
            nonlocal left
            left -= 1
            return {"type": "http.request", "body": next(chunks), "more_body": left > 0}

        async def send(message: Any) -> None:
            answer.append(message)

        scope: dict[str, Any] = {
            "type": "http",
            "method": "POST",
            "path": "/v1/events",
            "headers": sent.headers,
            "client": ("192.0.2.1", 1),
        }
        await self._app(scope, receive, send)
        status = int(answer[0]["status"])
        statuses[status] += 1
        return self._judge(status, bytes(answer[1]["body"]))

    def _judge(self, status: int, body: bytes) -> str | None:
        if status not in STATUSES:
            return f"{status} {body!r}"
        said = msgspec.json.decode(body)
        if status != 202:
            if self._publisher.records:
                return f"{status}, but stored"
            return None if isinstance(said.get("error"), str) else f"{status} without a reason"
        ((_, value),) = self._publisher.records
        try:
            reading = read_record(value).reading
        except InvalidBatch as error:
            return f"202, but the compactor says: {error}"
        stored = (len(reading.events), [each.index for each in reading.rejected])
        told = (said["accepted"], [each["index"] for each in said["rejected"]])
        return None if told == stored else f"202 says {told}, the compactor reads {stored}"


def fuzz(bodies: int, seed: int) -> Result:
    """Send that many; the same ones for the same seed."""
    return uvloop.run(_fuzz(bodies, Random(seed)))


async def _fuzz(bodies: int, random: Random) -> Result:
    target, statuses, wrong = Target(), Counter[int](), list[str]()
    before = 0.0
    for number in range(bodies):
        sent = request(random)
        try:
            reason = await target.wrong_answer(sent, statuses)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a find
            reason = repr(error)
            statuses[500] += 1
        await asyncio.sleep(0)  # as between two requests: the loop forgets the deadlines that were met
        if reason and len(wrong) < EXAMPLES_MAX:
            wrong.append(f"{reason}: {b''.join(sent.body)!r} {sent.headers!r}")
        if number == bodies // 10:
            before = rss_mib()
    return Result(statuses, wrong, before, rss_mib())


def rss_mib() -> float:
    """Of this process."""
    return float(psutil.Process().memory_info().rss) / MIB


def lines(result: Result) -> Iterable[str]:
    """What to print; the last line is for machines."""
    yield from result.wrong
    for status, count in sorted(result.statuses.items()):
        yield f"  {status} {count:10,}"
    wrong = len(result.wrong)
    yield (
        f"bodies={result.statuses.total()} wrong={wrong}{'+' if wrong == EXAMPLES_MAX else ''} "
        f"rss_before_mib={result.rss_before:.1f} rss_after_mib={result.rss_after:.1f}"
    )
