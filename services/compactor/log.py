"""The commit log over a store: find its tip, commit on top of it, publish what was committed."""

import logging
from collections.abc import Callable
from typing import NamedTuple

from eyeshot import metrics
from eyeshot.commit_log import Manifest, decode, encode, still_mine
from eyeshot.logs import happened
from eyeshot.table import LOG_PREFIX, manifest_key
from services.compactor.ports import Store, StoreUnavailable, UploadLost

PROBE_KEY = "_probe/put-if-absent"
RECOVERED_MANIFESTS_MAX = 1_000


class Outcome(NamedTuple):
    """How a commit ended: the log's tip now, and whether it is my manifest."""

    tip: Manifest
    mine: bool


class CommitLog:
    """The log of the table `events`. One instance sees the tip grow, whoever commits."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.tip: Manifest | None = None

    async def check_store(self) -> None:
        """Refuse a store on which commits would not be exact."""
        await self._store.put_if_absent(PROBE_KEY, b"{}")
        if await self._store.put_if_absent(PROBE_KEY, b"{}"):
            raise StoreUnavailable("the store accepts a put-if-absent of a key that exists: commits would not be exact")
        if PROBE_KEY not in await self._store.keys_after("_probe/", ""):
            raise StoreUnavailable("the store does not list a key that was just written: commits would be missed")

    async def refresh(self) -> Manifest | None:
        """Read on to the newest manifest."""
        after = manifest_key(self.tip.sequence) if self.tip else ""
        newest = None
        while keys := await self._store.keys_after(LOG_PREFIX, newest or after):
            newest = keys[-1]
        if newest:
            self.tip = decode(await self._store.get(newest))
        return self.tip

    async def commit(self, build: Callable[[Manifest | None], Manifest]) -> Outcome:
        """Put the manifest that `build` makes on top of the tip; rebase when the winner left my partitions alone."""
        while True:
            mine = build(self.tip)
            key = manifest_key(mine.sequence)
            if await self._store.put_if_absent(key, encode(mine)):
                self.tip = mine
                return Outcome(mine, mine=True)
            winner = self.tip = decode(await self._store.get(key))
            if winner.nonce == mine.nonce:  # an earlier attempt of this very PUT, whose answer was lost
                return Outcome(winner, mine=True)
            happened("commit_rebased", sequence=mine.sequence, winner=winner.nonce)
            if not still_mine(winner, mine.consumed):
                return Outcome(winner, mine=False)

    async def publish(self, manifest: Manifest) -> None:
        """Make the files of a committed manifest exist; idempotent."""
        for file in manifest.files:
            try:
                await self._store.complete(file.key, file.upload_id, file.part_etags)
            except UploadLost as error:  # its rows are still in Kafka; the pipeline goes on without them, loudly
                metrics.FILES_LOST.inc()
                happened(
                    "committed_file_lost",
                    level=logging.ERROR,
                    sequence=manifest.sequence,
                    error=str(error),
                )

    async def recover(self) -> int:
        """Publish what a dead committer left, newest first; how many manifests were unfinished."""
        manifest, recovered = self.tip, 0
        while manifest and recovered < RECOVERED_MANIFESTS_MAX and not await self._is_published(manifest):
            await self.publish(manifest)
            recovered += 1
            happened(
                "commit_recovered",
                sequence=manifest.sequence,
                files=len(manifest.files),
            )
            manifest = await self._before(manifest)
        return recovered

    async def _is_published(self, manifest: Manifest) -> bool:
        for file in manifest.files:
            if not await self._store.exists(file.key):
                return False
        return True

    async def _before(self, manifest: Manifest) -> Manifest | None:
        if manifest.sequence == 0:
            return None
        return decode(await self._store.get(manifest_key(manifest.sequence - 1)))
