"""Records and their rows in; the rows without duplicates out, whatever was read, lost or restarted before.

A window belongs to a Kafka partition and to an offset. One that does not end where reading goes on is made again from
the topic itself, so that any compactor after any crash leaves out the same rows.
"""

import asyncio
import logging
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from eyeshot import metrics
from eyeshot.commit_log import Deduplication
from eyeshot.fail_point import reach
from eyeshot.logs import happened
from services.compactor.decode import Decoded
from services.compactor.ports import Source
from services.compactor.rows import KafkaRecord, by_partition
from services.compactor.seen import Seen
from services.compactor.strip import remember, strip


class Duplicates:
    """The windows of the Kafka partitions that are being read."""

    def __init__(self, source: Source, zone: ZoneInfo, rule: Deduplication) -> None:
        self._source = source
        self._zone = zone
        self._rule = rule
        self._windows: dict[int, Seen] = {}

    @property
    def bytes(self) -> int:
        """The memory that the windows take."""
        return sum(window.size.bytes for window in self._windows.values())

    def go_on(self, starts: Mapping[int, int]) -> None:
        """Keep the windows that end where these partitions go on."""
        self._windows = {
            partition: window
            for partition, window in self._windows.items()
            if window.next_offset == starts.get(partition)
        }

    async def leave_out(self, records: list[KafkaRecord], decoded: Decoded) -> Mapping[int, int]:
        """Take the duplicates out of the rows of these records; how many there were, by Kafka partition."""
        its = by_partition(records)
        for partition in sorted(its.keys() - self._windows.keys()):
            self._windows[partition] = await self._rebuilt(its[partition][0])
        found = await asyncio.to_thread(strip, self._windows, its, decoded)
        self._show(found)
        return found

    async def _rebuilt(self, first: KafkaRecord) -> Seen:
        """The window in front of this record, read from the topic."""
        window = Seen(self._rule)
        begin = await self._source.since(first.partition, first.timestamp - self._rule.window_ms, first.offset)
        async for records in self._source.reread(first.partition, begin.offset, first.offset):
            await asyncio.to_thread(remember, window, first.partition, records, self._zone)
            reach("during_window")
        if begin.offset == begin.oldest > 0:
            metrics.WINDOWS_CUT_OFF.inc()
            happened(
                "duplicate_window_cut_off_by_retention",
                level=logging.WARNING,
                partition=first.partition,
                oldest_offset=begin.oldest,
                next_offset=first.offset,
            )
        happened(
            "duplicate_window_read",
            partition=first.partition,
            first_offset=begin.offset,
            next_offset=first.offset,
            runs=window.size.runs,
        )
        return window

    def _show(self, found: Mapping[int, int]) -> None:
        for partition, duplicates in found.items():
            metrics.DUPLICATES.labels(partition).inc(duplicates)
        metrics.WINDOW_RUNS.set(sum(window.size.runs for window in self._windows.values()))
        metrics.WINDOW_BYTES.set(self.bytes)
        for window in self._windows.values():
            metrics.WINDOW_RUNS_FORGOTTEN.inc(window.forgotten_early)
            window.forgotten_early = 0
