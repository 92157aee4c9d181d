"""Uploads that the store lists in; those that no manifest names and nobody can still be writing, aborted."""

import logging
from collections.abc import Collection

from eyeshot import metrics
from eyeshot.lake.ports import Store, StoreUnavailable
from eyeshot.logs import happened
from eyeshot.table import DATA_PREFIXES
from services.compactor.core import abandoned


async def sweep(store: Store, named: Collection[str], now_ms: int, age_ms: int) -> int:
    """How many were aborted. Where a store lists none, its own expiry does it; a failure is tried again next time."""
    try:
        pending = [upload for prefix in DATA_PREFIXES for upload in await store.pending_uploads(prefix)]
        old = abandoned(pending, named, now_ms, age_ms)
        for key, upload_id in old:
            await store.abort(key, upload_id)
    except StoreUnavailable as error:
        happened("sweep_failed", level=logging.WARNING, reason=str(error))
        return 0
    if old:
        metrics.UPLOADS_SWEPT.inc(len(old))
        happened("uploads_swept", uploads=len(old), keys=[key for key, _ in old[:10]])
    return len(old)
