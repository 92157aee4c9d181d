"""A store in; the number of the log's newest manifest out, without listing the whole log."""

import logging
from typing import Annotated

import msgspec
from msgspec import Meta

from eyeshot.commit_log import Entry, digest
from eyeshot.lake.ports import NoSuchObject, Store, StoreUnavailable
from eyeshot.logs import happened
from eyeshot.table import LOG_PREFIX, TIP_HINT_KEY, manifest_key, manifest_sequence

PAGE_KEYS = 1_000


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """A manifest that was the newest once. It saves a search and proves nothing."""

    sequence: Annotated[int, Meta(ge=0, lt=2**62)]
    sha256: str


async def find_tip(store: Store) -> int | None:
    """The number of the newest manifest, None in an empty log.

    What counts are the manifests themselves: the hint only says where to begin. One that is missing, damaged, or
    names a manifest that is not there as it says, is passed over.
    """
    return await _search(store, await _hinted(store))


async def manifests_after(store: Store, sequence: int) -> list[int]:
    """The next manifests' numbers after this one, -1 for all, at most 1,000; what else lies there is passed over."""
    keys = await store.keys_after(LOG_PREFIX, manifest_key(sequence) if sequence >= 0 else "")
    return [number for key in keys if (number := manifest_sequence(key)) is not None]


async def leave_hint(store: Store, tip: Entry) -> None:
    """Note the tip for whoever starts next. A failure costs a search, and is only worth a line."""
    hint = Hint(sequence=tip.manifest.sequence, sha256=tip.sha256)
    try:
        await store.put(TIP_HINT_KEY, msgspec.json.encode(hint))
    except StoreUnavailable as error:
        happened("tip_hint_failed", level=logging.WARNING, error=str(error))


async def _hinted(store: Store) -> int | None:
    try:
        body = await store.get(TIP_HINT_KEY)
    except NoSuchObject:
        return None  # as in every new lake
    try:
        hint = msgspec.json.decode(body, type=Hint)
        if digest(await store.get(manifest_key(hint.sequence))) == hint.sha256:
            return hint.sequence
    except (msgspec.MsgspecError, NoSuchObject) as wrong:
        reason = repr(wrong)
    else:
        reason = f"manifest {hint.sequence} is not the one it names"
    happened("tip_hint_passed_over", level=logging.WARNING, reason=reason)
    return None


async def _search(store: Store, found: int | None) -> int | None:
    """Gallop, then halve: some dozens of listings in a log of any length, two in a short one, one after a hint."""
    none_after: int | None = None  # no manifest has a number above this one
    at = -1 if found is None else found
    while none_after is None or (found is not None and found < none_after):
        numbers = await manifests_after(store, at)
        if numbers:
            found = numbers[-1]
        else:
            none_after = at
        at = _next_look(found, none_after, len(numbers))
    return found


def _next_look(found: int | None, none_after: int | None, seen: int) -> int:
    """Where to list from next; a page that was not full is likely the last."""
    if found is None:
        return -1
    if none_after is not None:
        return (found + none_after) // 2
    return found if seen < PAGE_KEYS else 2 * found
