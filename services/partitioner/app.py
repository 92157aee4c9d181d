"""The commit log in; days registered, swapped and dropped, and what they replaced deleted, out."""

import asyncio
import logging
from collections.abc import Callable
from datetime import date

from eyeshot import metrics
from eyeshot.logs import happened
from services.partitioner.chore import Chore
from services.partitioner.follow import follow
from services.partitioner.places import Places
from services.partitioner.ports import (
    Data,
    LogUnavailable,
    ManifestLog,
    Metastore,
    MetastoreUnavailable,
)
from services.partitioner.registry import Registry
from services.partitioner.settings import Partitioner as Settings
from services.partitioner.tidy import Tidy

PAUSE_SECONDS_MAX = 10.0  # between two tries of what fails again and again


class Partitioner:
    """Tails the commit log. From an empty metastore it rebuilds everything; any number of them may run."""

    def __init__(
        self,
        *,
        log: ManifestLog,
        metastore: Metastore,
        data: Data,
        bucket: str,
        settings: Settings,
        today: Callable[[], date],
        epoch_ms: Callable[[], int],
        monotonic: Callable[[], float],
    ) -> None:
        self._log = log
        self._settings = settings
        self._today = today
        self._places = Places(bucket)
        self._registry = Registry(
            places=self._places,
            metastore=metastore,
            read_on=self._read_on,
            batch_max=settings.batch_partitions_max,
            epoch_ms=epoch_ms,
        )
        self._tidy = Tidy(
            places=self._places,
            metastore=metastore,
            data=data,
            grace_seconds=settings.grace_seconds,
            epoch_ms=epoch_ms,
        )
        self._looking = Chore(self._registry.look, settings.reconcile_seconds, monotonic)
        self._tidying = Chore(self._tidy.pieces, settings.tidy_seconds, monotonic)
        self._failures = 0
        self.trouble: str | None = "starting"

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the metastore as the log says until `stop` is set."""
        while not stop.is_set():
            more = await self._step()
            if not more:
                pause = min(PAUSE_SECONDS_MAX, self._settings.poll_seconds * 2**self._failures)
                await asyncio.wait({asyncio.create_task(stop.wait())}, timeout=pause)

    async def _step(self) -> bool:
        """Look once at the log, the metastore and the clock; whether there is more to do at once."""
        try:
            unread = await self._read_as_far_as_possible()
            looking = await self._looking.advance()
            if unread is not None:
                await self._registry.prepare(self._today())
                raise unread
            more = looking, await self._registry.settle(self._today()), await self._tidying.advance()
        except (LogUnavailable, MetastoreUnavailable) as error:
            self._note_failure(error)
            return False
        self._failures = 0
        self.trouble = self._registry.trouble or self._tidy.trouble
        return any(more)

    async def _read_as_far_as_possible(self) -> LogUnavailable | None:
        """Why the log could not be read to its end: today and tomorrow are known without it."""
        try:
            await self._read_on()
        except LogUnavailable as error:
            return error
        return None

    async def _read_on(self) -> None:
        """Take up every manifest that was committed meanwhile."""
        metrics.MANIFESTS_READ.inc(await follow(self._log, self._places))

    def _note_failure(self, error: LogUnavailable | MetastoreUnavailable) -> None:
        self._failures = min(self._failures + 1, 10)
        if isinstance(error, MetastoreUnavailable):
            self._looking.begin_anew()  # it may come back as another one
            metrics.METASTORE_FAILURES.inc()
        if self.trouble != str(error):
            happened("waiting", level=logging.WARNING, reason=str(error))
        self.trouble = str(error)
