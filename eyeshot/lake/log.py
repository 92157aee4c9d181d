"""The commit log over a store: follow its tip, and commit on top of it."""

from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

from eyeshot import metrics
from eyeshot.commit_log import Draft, Entry, Manifest, encode, read, still_mine, successor
from eyeshot.fail_point import reach
from eyeshot.lake.ports import Store, StoreUnavailable
from eyeshot.lake.tip import find_tip, leave_hint, manifests_after
from eyeshot.lake.window import Window
from eyeshot.logs import happened
from eyeshot.table import manifest_key

PROBE_KEY = "_probe/put-if-absent"


class Outcome(NamedTuple):
    """How a commit ended: my manifest, or the tip on which the draft does not fit."""

    manifest: Manifest
    mine: bool


class CommitLog:
    """The log of the table `events`. One instance sees the tip grow, whoever commits."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.window = Window()

    @property
    def tip(self) -> Manifest | None:
        """The newest manifest that was seen."""
        return self.window.tip.manifest if self.window.tip else None

    async def check_store(self) -> None:
        """Refuse a store on which commits would not be exact."""
        await self._store.put_if_absent(PROBE_KEY, b"{}")
        if await self._store.put_if_absent(PROBE_KEY, b"{}"):
            raise StoreUnavailable("the store accepts a put-if-absent of a key that exists: commits would not be exact")
        if PROBE_KEY not in await self._store.keys_after("_probe/", ""):
            raise StoreUnavailable("the store does not list a key that was just written: commits would be missed")

    async def refresh(self) -> Manifest | None:
        """Read on to the newest manifest."""
        if self.window.tip is None:
            await self._begin()
        while numbers := await manifests_after(self._store, self.tip.sequence if self.tip else -1):
            for number in numbers:
                self.window.append(await self._read(number))
        return self.tip

    async def manifests_after(self, sequence: int) -> AsyncIterator[Manifest]:
        """The whole log behind that number, -1 for all of it, in order; the window is not moved."""
        while numbers := await manifests_after(self._store, sequence):
            for number in numbers:
                yield (await self._read(number)).manifest
            sequence = numbers[-1]

    async def commit(self, draft: Draft, wanted: Callable[[], bool] = lambda: True) -> Outcome:
        """Put the draft on top of the tip; rebase it while it fits on the winner and is still wanted."""
        while True:
            tip = self.window.tip
            if tip and not (still_mine(tip.manifest, draft.consumed) and wanted()):
                return Outcome(tip.manifest, mine=False)
            entry = await self._put(successor(tip, draft, self.window.published_through))
            self.window.append(entry)
            if entry.manifest.nonce == draft.nonce:  # perhaps an earlier attempt's, whose answer was lost
                await leave_hint(self._store, entry)
                reach("after_tip_hint")
                return Outcome(entry.manifest, mine=True)
            metrics.COMMITS_TAKEN.inc()
            happened("commit_rebased", sequence=entry.manifest.sequence, winner=entry.manifest.nonce)

    async def _put(self, manifest: Manifest) -> Entry:
        """What is in the log under the manifest's number: it, or whatever was there first."""
        key, body = manifest_key(manifest.sequence), encode(manifest)
        reach("before_commit")
        mine = await self._store.put_if_absent(key, body)
        reach("after_commit")
        return read(body if mine else await self._store.get(key))

    async def _begin(self) -> None:
        """Take up the tip and, before it, what was not published when it was written."""
        newest = await find_tip(self._store)
        if newest is None:
            return
        tip = await self._read(newest)
        for number in range(tip.manifest.published_through + 1, newest):
            self.window.append(await self._read(number))
        self.window.append(tip)

    async def _read(self, number: int) -> Entry:
        return read(await self._store.get(manifest_key(number)))
