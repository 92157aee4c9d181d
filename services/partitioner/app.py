"""Manifests in, registered days out; what fails is tried again until it is done."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import date
from typing import Protocol

from eyeshot import metrics
from eyeshot.commit_log import Manifest
from eyeshot.logs import happened
from services.partitioner import core
from services.partitioner.settings import Partitioner as Settings


class LogUnavailable(Exception):
    """The store of the commit log did not answer."""


class MetastoreUnavailable(Exception):
    """The metastore did not answer, or refused."""


class ManifestLog(Protocol):
    """The commit log, read from its beginning."""

    async def read_on(self) -> list[Manifest]:
        """The manifests that were not read yet, at most some hundred. Raises LogUnavailable."""


class Metastore(Protocol):
    """The Hive metastore. Every method may raise MetastoreUnavailable."""

    async def create_tables(self) -> None:
        """Create the database and the tables where they are missing."""

    async def register(self, table: str, days: Sequence[date]) -> None:
        """Add day partitions where they are missing."""


class Partitioner:
    """Tails the commit log. From an empty metastore it rebuilds everything."""

    def __init__(
        self,
        *,
        log: ManifestLog,
        metastore: Metastore,
        settings: Settings,
        today: Callable[[], date],
    ) -> None:
        self._log = log
        self._metastore = metastore
        self._settings = settings
        self._today = today
        self._tables_exist = False
        self._wanted: set[core.Day] = set()
        self._registered: set[core.Day] = set()
        self.trouble: str | None = "starting"

    async def run(self, stop: asyncio.Event) -> None:
        """Register until `stop` is set."""
        while not stop.is_set():
            more = await self._step()
            if not more:
                await _wait(stop, self._settings.poll_seconds)

    async def _step(self) -> bool:
        """Look once at the log and the clock; whether there is more to read at once."""
        try:
            manifests = await self._log.read_on()
            metrics.MANIFESTS_READ.inc(len(manifests))
            self._wanted |= core.days_of(manifests) | core.days_around(self._today())
            await self._register(self._wanted - self._registered)
        except (LogUnavailable, MetastoreUnavailable) as error:
            self._note_failure(error)
            return False
        self.trouble = None
        return bool(manifests)

    async def _register(self, days: set[core.Day]) -> None:
        if not self._tables_exist:
            await self._metastore.create_tables()
            self._tables_exist = True
        for table, some in core.batches(days, self._settings.batch_partitions_max):
            await self._metastore.register(table, some)
            self._registered |= {core.Day(table, day) for day in some}
            metrics.PARTITIONS_REGISTERED.labels(table).inc(len(some))
            happened(
                "days_registered",
                table=table,
                first=some[0].isoformat(),
                last=some[-1].isoformat(),
                days=len(some),
            )

    def _note_failure(self, error: LogUnavailable | MetastoreUnavailable) -> None:
        if isinstance(error, MetastoreUnavailable):
            metrics.METASTORE_FAILURES.inc()
        if self.trouble != str(error):
            happened("waiting", level=logging.WARNING, reason=str(error))
        self.trouble = str(error)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    await asyncio.wait({asyncio.create_task(stop.wait())}, timeout=seconds)
