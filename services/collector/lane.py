"""Records of one Kafka partition in; shared produce requests out, in order, each under the collector's own deadline."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from eyeshot import metrics
from services.collector.ports import RecordRefused, Unavailable

_REFUSALS = (MessageSizeTooLargeError, RecordListTooLargeError)


class Timing(NamedTuple):
    """How long records wait for company, and how long Kafka may take to acknowledge them. Seconds."""

    linger: float
    deadline: float


class _Batch:
    __slots__ = ("acknowledged", "builder", "handed_over", "opened", "timer")

    def __init__(self, builder: Any, acknowledged: "asyncio.Future[None]", opened: float) -> None:
        self.builder = builder
        self.opened = opened
        self.handed_over: float | None = None
        self.acknowledged = acknowledged
        self.timer: asyncio.TimerHandle | None = None


class Lane:
    """One partition of one producer. aiokafka has one request per partition under way, so order is kept."""

    def __init__(
        self,
        producer: AIOKafkaProducer,
        topic: str,
        partition: int,
        timing: Timing,
        on_failure: Callable[[str], None],
    ) -> None:
        self._producer = producer
        self._topic = topic
        self._partition = partition
        self._timing = timing
        self._on_failure = on_failure
        self._loop = asyncio.get_running_loop()
        self._queue: deque[_Batch] = deque()
        self._open: _Batch | None = None
        self._sending: asyncio.Task[None] | None = None
        self._unsettled: set[asyncio.Future[None]] = set()

    def add(self, key: bytes, value: bytes) -> "asyncio.Future[None]":
        """Put the record into the open batch, or the next one; the future is its batch's acknowledgement."""
        batch = self._open
        if batch is None or batch.builder.append(key=key, value=value, timestamp=None) is None:
            batch = self._open_next()
            batch.builder.append(key=key, value=value, timestamp=None)
        return batch.acknowledged

    async def finish(self) -> None:
        """Return when every record taken is acknowledged or given up; the deadlines bound it."""
        if self._unsettled:
            await asyncio.wait(self._unsettled)

    def cancel(self) -> None:
        """Give up at once."""
        if self._sending:
            self._sending.cancel()

    def _open_next(self) -> _Batch:
        batch = _Batch(self._producer.create_batch(), self._loop.create_future(), self._loop.time())
        batch.timer = self._loop.call_later(self._timing.deadline, self._overdue, batch)
        self._unsettled.add(batch.acknowledged)
        self._queue.append(batch)
        self._open = batch
        if self._sending is None:
            self._sending = self._loop.create_task(self._send())
        return batch

    async def _send(self) -> None:
        while self._queue:
            if self._queue[0] is self._open:
                await asyncio.sleep(self._timing.linger)
            batch = self._queue.popleft()
            if batch is self._open:
                self._open = None
            batch.builder.close()
            await self._hand_over(batch)
        self._sending = None

    async def _hand_over(self, batch: _Batch) -> None:
        batch.handed_over = self._loop.time()
        metrics.QUEUE_SECONDS.labels().observe(batch.handed_over - batch.opened)
        try:
            sent = await self._producer.send_batch(batch.builder, self._topic, partition=self._partition)
        except KafkaError as error:
            self._fail(batch, error)
        else:
            sent.add_done_callback(lambda done: self._settle(batch, done))

    def _settle(self, batch: _Batch, sent: "asyncio.Future[Any]") -> None:
        error = asyncio.CancelledError() if sent.cancelled() else sent.exception()
        if error is not None:
            self._fail(batch, error)
        elif not batch.acknowledged.done():
            self._done(batch)
            batch.acknowledged.set_result(None)

    def _overdue(self, batch: _Batch) -> None:
        self._fail(batch, TimeoutError(f"Kafka did not acknowledge within {self._timing.deadline:g} s"))

    def _fail(self, batch: _Batch, error: BaseException) -> None:
        if batch.acknowledged.done():
            return
        self._done(batch)
        if isinstance(error, _REFUSALS):
            # One record too many bytes condemns its company: only a record alone is known to be the culprit.
            alone = batch.builder.record_count() == 1
            failure: Exception = RecordRefused(str(error)) if alone else Unavailable(str(error))
        else:
            failure = Unavailable(str(error) or repr(error))
            self._on_failure(str(failure))
        batch.acknowledged.set_exception(failure)
        batch.acknowledged.exception()  # whoever waited may have gone

    def _done(self, batch: _Batch) -> None:
        self._unsettled.discard(batch.acknowledged)
        if batch.handed_over is not None:
            metrics.KAFKA_SECONDS.labels().observe(self._loop.time() - batch.handed_over)
        if batch.timer:
            batch.timer.cancel()
