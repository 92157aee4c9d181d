"""What the compactor did and how far behind it is in; metrics and log lines out."""

import logging
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress

from eyeshot import metrics
from eyeshot.commit_log import Manifest, OffsetRange
from eyeshot.logs import happened
from services.compactor.rows import KafkaRecord


def show_open(projected_bytes: Collection[int], memory_bytes: int) -> None:
    """The files that are being written, and the memory that all this takes."""
    metrics.OPEN_FILES.set(len(projected_bytes))
    metrics.PROJECTED_BYTES.set(max(projected_bytes, default=0))
    metrics.UNCOMMITTED_BYTES.set(sum(projected_bytes))
    metrics.MEMORY_BYTES.set(memory_bytes)


def show_commit(manifest: Manifest, now_ms: int) -> None:
    """A commit whose files exist now."""
    metrics.COMMITS.labels(manifest.reason).inc()
    for file in manifest.files:
        metrics.FILES_COMMITTED.labels(file.table).inc()
        metrics.ROWS_COMMITTED.labels(file.table).inc(file.rows)
        metrics.BYTES_COMMITTED.labels(file.table).inc(file.bytes)
        metrics.FILE_BYTES.labels(file.table, manifest.reason).observe(file.bytes)
    oldest_ms = min((file.record_time_min for file in manifest.files), default=now_ms)
    metrics.FRESHNESS_SECONDS.set((now_ms - oldest_ms) / 1000)
    happened(
        "committed",
        sequence=manifest.sequence,
        reason=manifest.reason,
        files=len(manifest.files),
        rows=sum(file.rows for file in manifest.files),
        bytes=sum(file.bytes for file in manifest.files),
        records=sum(taken.records for taken in manifest.consumed),
    )


def show_lost(lost: Iterable[OffsetRange]) -> None:
    """Offsets that retention took before anybody read them."""
    for gone in lost:
        metrics.RECORDS_LOST.labels(gone.partition).inc(gone.records)
        happened(
            "records_lost_to_retention",
            level=logging.ERROR,
            partition=gone.partition,
            first_offset=gone.first,
            next_offset=gone.next,
        )


def show_lag(lag: Mapping[int, int], newest: Mapping[int, KafkaRecord], now_ms: int) -> None:
    """How far behind each partition is: in records, in bytes and in seconds, the last two once a record was read."""
    for partition, records in lag.items():
        metrics.LAG_RECORDS.labels(partition).set(records)
        if record := newest.get(partition):
            metrics.LAG_BYTES.labels(partition).set(records * len(record.value))
            metrics.LAG_SECONDS.labels(partition).set((now_ms - record.timestamp) / 1000 if records else 0)


def forget_lag(partitions: Collection[int]) -> None:
    """Partitions that are another compactor's now."""
    for gauge in (metrics.LAG_RECORDS, metrics.LAG_BYTES, metrics.LAG_SECONDS):
        for partition in partitions:
            with suppress(KeyError):  # it was never shown
                gauge.remove(str(partition))
