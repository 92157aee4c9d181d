"""A record in; durable in Kafka, or in the spool until Kafka has it, out."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Literal

from eyeshot import metrics
from eyeshot.logs import happened
from services.collector.breaker import Breaker, BreakerRules
from services.collector.ports import Monotonic, Publisher, RecordRefused, Spool, Unavailable, Waiting

IDLE_SECONDS = 0.05
"""How often the drain looks whether there is something to do, or whether Kafka may be tried again."""

SPOOL_PAUSE_SECONDS = 1.0
"""How long the drain waits when the spool's own disk fails."""

Route = Literal["kafka", "spool"]
Outcome = Route | Unavailable | RecordRefused
"""Where a record is durable, or why it is not."""

Done = Callable[[Outcome], None]


class Relay:
    """Makes records durable. Only a record whose key has nothing in the spool goes straight to Kafka."""

    def __init__(
        self,
        publisher: Publisher,
        spool: Spool,
        *,
        rules: BreakerRules,
        drain_records: int,
        monotonic: Monotonic = time.monotonic,
    ) -> None:
        self._publisher = publisher
        self._spool = spool
        self._breaker = Breaker(rules)
        self._drain_records = drain_records
        self._monotonic = monotonic
        self._draining: asyncio.Task[None] | None = None
        self._appending: set[asyncio.Future[None]] = set()

    async def start(self) -> None:
        """Open the spool, begin to connect to Kafka and to drain."""
        await self._spool.start()
        await self._publisher.start()
        self._draining = asyncio.create_task(self._drain())

    async def stop(self) -> None:
        """Stop draining, send what is under way, close the spool. What is in it stays for the next run."""
        if self._draining:
            self._draining.cancel()
            await asyncio.wait({self._draining})
        await self._publisher.stop()
        await self._spool.stop()

    def ready(self) -> str | None:
        """Why no record can be made durable now, or None: Kafka or a spool with room is enough."""
        no_kafka, no_spool = self._publisher.ready(), self._spool.ready()
        return f"{no_kafka}; {no_spool}" if no_kafka and no_spool else None

    def deposit(self, key: bytes, value: bytes, done: Done) -> None:
        """Make the record durable, and say where, or why not: exactly once, never before this returns.

        Callbacks, not coroutines: a task for each record takes longer than all that is decided about it.
        """
        if not self._goes_straight(key):
            self._spool_it(key, value, done)
            return
        self._breaker = self._breaker.attempted(self._monotonic())
        try:
            acknowledged = self._publisher.publish(key, value)
        except Unavailable as error:
            self._failed(str(error))
            self._spool_it(key, value, done)
        else:
            acknowledged.add_done_callback(lambda settled: self._settle(settled, key, value, done))

    def _settle(self, settled: "asyncio.Future[None]", key: bytes, value: bytes, done: Done) -> None:
        error = settled.exception()
        if error is None:
            self._succeeded()
            done("kafka")
        elif isinstance(error, RecordRefused):
            self._succeeded()
            done(error)
        else:
            self._failed(str(error))
            self._spool_it(key, value, done)

    def _spool_it(self, key: bytes, value: bytes, done: Done) -> None:
        appending = asyncio.ensure_future(self._spool.append(key, value))
        self._appending.add(appending)
        appending.add_done_callback(self._appending.discard)
        appending.add_done_callback(lambda ended: done(_spooled(ended)))

    def _goes_straight(self, key: bytes) -> bool:
        if self._spool.holds(key):
            return False
        # While something waits in the spool, the drain does the probing: no reader's request has to wait for it.
        return self._breaker.state == "closed" or (
            self._spool.waiting() == 0 and self._breaker.admits(self._monotonic())
        )

    def _succeeded(self) -> None:
        if self._breaker.state != "closed":
            happened("kafka_is_back", spooled=self._spool.waiting())
        self._breaker = self._breaker.succeeded()
        metrics.KAFKA_AWAY.set(0)

    def _failed(self, reason: str) -> None:
        before, self._breaker = self._breaker, self._breaker.failed(self._monotonic())
        if before.state == "closed" and self._breaker.state == "open":
            happened("kafka_is_away", level=logging.WARNING, reason=reason)
            metrics.KAFKA_AWAY.set(1)

    async def _drain(self) -> None:
        chunk = 1
        while True:
            if not self._may_drain():
                await asyncio.sleep(IDLE_SECONDS)
                continue
            try:
                # After a failure one record alone is tried: a probe, and the way to find one that Kafka refuses.
                whole = await self._drain_some(chunk)
            except Unavailable as error:
                happened("drain_paused", level=logging.ERROR, reason=str(error))
                await asyncio.sleep(SPOOL_PAUSE_SECONDS)
            else:
                chunk = min(chunk * 4, self._drain_records) if whole else 1

    def _may_drain(self) -> bool:
        known_away = self._publisher.ready() is not None
        return self._spool.waiting() > 0 and not known_away and self._breaker.admits(self._monotonic())

    async def _drain_some(self, chunk: int) -> bool:
        """Publish the oldest records together, forget those before the first failure; whether there was none."""
        records = await self._spool.oldest(chunk)
        done = await self._publish_all(records)
        if done:
            await self._spool.remove(records[:done])
            metrics.RECORDS_DRAINED.inc(done)
        return done == len(records)

    async def _publish_all(self, records: Sequence[Waiting]) -> int:
        """Publish in order; how many were acknowledged before the first that was not."""
        self._breaker = self._breaker.attempted(self._monotonic())
        done = 0
        try:
            under_way = [self._publisher.publish(record.key, record.value) for record in records]
            for acknowledged in under_way:
                await asyncio.shield(acknowledged)
                done += 1
        except Unavailable as error:
            self._failed(str(error))
        except RecordRefused as error:
            self._succeeded()
            await self._spool.set_aside(records[done], f"Kafka refused it: {error}")
        else:
            self._succeeded()
        return done


def _spooled(ended: "asyncio.Future[None]") -> Outcome:
    if ended.cancelled():
        return Unavailable("the collector is stopping")
    error = ended.exception()
    if error is None:
        return "spool"
    if not isinstance(error, Unavailable):  # a mistake of ours; whoever sent the record must hear of it all the same
        happened("spool_failed", level=logging.ERROR, error=repr(error))
    return Unavailable(str(error))
