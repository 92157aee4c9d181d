"""Committed manifests in; files that exist out, whoever committed them, and repairs where the store lost an upload."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from eyeshot import metrics
from eyeshot.commit_log import DataFile, Draft, Manifest
from eyeshot.fail_point import reach
from eyeshot.lake.log import CommitLog
from eyeshot.lake.ports import Store, UploadLost
from eyeshot.logs import happened

LOOKS = 3
LOOK_SECONDS = 1.0


class Rebuild(Protocol):
    """Makes a lost file's rows again."""

    async def __call__(self, manifest: Manifest, file: DataFile) -> Draft:
        """A repair with the file's rows as a new pending upload, and what is lost for ever."""


class Publisher:
    """Completes uploads that the log names and that nobody completed yet."""

    def __init__(
        self,
        store: Store,
        log: CommitLog,
        rebuild: Rebuild,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._log = log
        self._rebuild = rebuild
        self._pause = pause

    async def publish(self, manifest: Manifest) -> None:
        """Make the files of my commit exist.

        The log is read again first: between commit and now may lie an hour's pause, in which others published, merged
        and removed them. Others' commits are left to their owners; those that are done move the watermark on.
        """
        await self._log.refresh()
        await self._finish(manifest)
        for other in self._log.window.open():
            if await self._is_published(other):
                self._log.window.published(other.sequence)

    async def recover(self) -> int:
        """Publish everything that dead committers left, oldest first; how many manifests were unfinished."""
        await self._log.refresh()
        recovered = 0
        for manifest in self._log.window.open():
            if not await self._is_published(manifest):
                recovered += 1
                happened("commit_recovered", sequence=manifest.sequence, files=len(manifest.files))
                reach("during_recovery")
            await self._finish(manifest)
        return recovered

    async def _finish(self, manifest: Manifest) -> None:
        for file in self._log.window.to_publish(manifest.sequence):
            if not await self._complete(file):
                await self._repair(manifest, file)
        self._log.window.published(manifest.sequence)

    async def _complete(self, file: DataFile) -> bool:
        """Whether the file exists now. A completion of somebody else's that is under way is waited for."""
        if await self._store.exists(file.key):
            return True
        for look in range(LOOKS):
            try:
                reach("before_publish")
                await self._store.complete(file.key, file.upload_id, file.part_etags)
                reach("after_publish")
                if await self._store.exists(file.key):  # some stores answer 200 to any second completion
                    return True
            except UploadLost:
                await self._pause(LOOK_SECONDS * look)
        return False

    async def _repair(self, manifest: Manifest, file: DataFile) -> None:
        metrics.FILES_LOST.inc()
        happened("committed_file_lost", level=logging.ERROR, sequence=manifest.sequence, key=file.key, rows=file.rows)
        if not (manifest.consumed or manifest.rebuilt_from):
            return  # a rewriting comes from files, not from offsets: what was erased from it must not come back
        reach("before_repair")
        draft = await self._rebuild(manifest, file)
        reach("before_repair_commit")
        outcome = await self._log.commit(draft, wanted=lambda: file in self._log.window.to_publish(manifest.sequence))
        if not outcome.mine:  # somebody else has repaired it
            for unwanted in draft.files:
                await self._store.abort(unwanted.key, unwanted.upload_id)
            return
        reach("after_repair_commit")
        metrics.REPAIRS.inc()
        await self._finish(outcome.manifest)
        happened(
            "file_repaired",
            level=logging.ERROR,
            sequence=outcome.manifest.sequence,
            lost_key=file.key,
            rows_before=file.rows,
            rows_now=sum(rebuilt.rows for rebuilt in draft.files),
        )

    async def _is_published(self, manifest: Manifest) -> bool:
        for file in self._log.window.to_publish(manifest.sequence):
            if not await self._store.exists(file.key):
                return False
        return True
