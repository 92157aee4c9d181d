"""A record in; durable in Kafka, or in the spool until Kafka has it, out."""

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
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

    async def publish(self, key: bytes, value: bytes) -> Route:
        """Return once the record is durable, and where. Raises Unavailable or RecordRefused when it is not."""
        if self._goes_straight(key):
            with suppress(Unavailable):
                await self._attempt(key, value)
                return "kafka"
        await self._spool.append(key, value)
        return "spool"

    def _goes_straight(self, key: bytes) -> bool:
        if self._spool.holds(key):
            return False
        # While something waits in the spool, the drain does the probing: no reader's request has to wait for it.
        return self._breaker.state == "closed" or (
            self._spool.waiting() == 0 and self._breaker.admits(self._monotonic())
        )

    async def _attempt(self, key: bytes, value: bytes) -> None:
        self._breaker = self._breaker.attempted(self._monotonic())
        try:
            await asyncio.shield(self._publisher.publish(key, value))
        except Unavailable as error:
            self._failed(str(error))
            raise
        except RecordRefused:
            self._succeeded()
            raise
        self._succeeded()

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
