"""Manifests in; the files that are in the table, and how far each Kafka partition has come, out. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from eyeshot.commit_log import DataFile, Manifest, takes_out
from eyeshot.table import REWRITTEN_PREFIX, Slot, day_end_ms, partition_prefix
from eyeshot.tier import Address


class Live(NamedTuple):
    """A file that is in the table now, and the number of the manifest that put it there."""

    file: DataFile
    sequence: int


class LiveTable:
    """What the log says is in the table after the manifests that were appended, in order and without a gap."""

    def __init__(self) -> None:
        self.sequence = -1
        self.next_offsets: Mapping[int, int] = {}
        self.rewritings: set[str] = set()  # folders of which a file is in the table or was
        self.given_up: set[str] = set()  # folders of rewritings that must not be committed any more
        self._days: dict[Slot, dict[str, Live]] = {}
        self._last_times: dict[int, int] = {}
        self._numbers: dict[Slot, int] = {}

    def append(self, manifest: Manifest) -> list[DataFile]:
        """Take up the log's next manifest; the files it took out. Raises ValueError when it is not the next one."""
        if manifest.sequence != self.sequence + 1:
            raise ValueError(f"manifest {manifest.sequence} does not follow {self.sequence}")
        gone: list[DataFile] = []
        for slot in self._touched(manifest):
            self._numbers[slot] = manifest.sequence
            files = self._days.get(slot, {})
            out = [live.file for live in files.values() if takes_out(manifest, live.file, live.sequence)]
            for file in out:
                del files[file.key]
            gone += out
        for file in manifest.files:
            slot = Slot(file.table, file.day)
            self._numbers[slot] = manifest.sequence
            self._days.setdefault(slot, {})[file.key] = Live(file, manifest.sequence)
        self.rewritings |= rewritings(manifest)
        self.given_up.update(manifest.given_up)
        for taken in manifest.consumed:
            if taken.last_time is not None:
                self._last_times[taken.partition] = taken.last_time
        self.sequence, self.next_offsets = manifest.sequence, manifest.next_offsets
        return gone

    def days(self) -> list[Slot]:
        """The days that have files, in order."""
        return sorted(slot for slot, files in self._days.items() if files)

    def number(self, slot: Slot) -> int:
        """Of the newest manifest that put a file into the day or took one out; -1: there was none."""
        return self._numbers.get(slot, -1)

    def numbered(self, table: str) -> list[date]:
        """The days of a table that ever had a file, in order; some may have none any more."""
        return sorted(slot.day for slot in self._numbers if slot.table == table)

    def rows(self, slot: Slot) -> int:
        """How many rows the day's files hold."""
        return sum(live.file.rows for live in self._days.get(slot, {}).values())

    def files(self, slot: Slot) -> list[DataFile]:
        """The files of a day, in the order of their records."""
        return [live.file for live in self.entries(slot)]

    def entries(self, slot: Slot) -> list[Live]:
        """The same files, each with the number of the manifest that put it there."""
        entries = self._days.get(slot, {}).values()
        return sorted(entries, key=lambda live: (live.file.record_time_min, live.file.key))

    def is_closed(self, slot: Slot, zone: ZoneInfo, caught_up: Mapping[int, int]) -> bool:
        """Whether no record to come can belong to the day: each Kafka partition is past its end.

        Times never go back in a partition (LogAppendTime). Of one whose last record is older, `caught_up` must show
        that the log had everything of it at a time (epoch ms, the broker's clock) past the day's end.
        """
        end = day_end_ms(slot.day, zone)
        partitions = self.next_offsets.keys() | caught_up.keys()
        return bool(partitions) and all(
            max(self._last_times.get(partition, 0), caught_up.get(partition, 0)) >= end for partition in partitions
        )

    def _touched(self, manifest: Manifest) -> set[Slot]:
        named = {Slot(gone.table, gone.day) for gone in manifest.replaced}
        if not manifest.removed:
            return named
        removed = frozenset(manifest.removed)
        return named | {slot for slot, files in self._days.items() if not removed.isdisjoint(files)}


def caught_up(
    ends: Mapping[int, int], next_offsets: Mapping[int, int], asked_at_ms: int, clock_ms_max: int
) -> dict[int, int]:
    """Kafka partition → broker's time (epoch ms) at which the log held everything of it, for those where it did.

    `ends` are the end offsets, asked at `asked_at_ms` by a clock at most `clock_ms_max` ahead of the broker's.
    """
    return {
        partition: asked_at_ms - clock_ms_max if next_offsets.get(partition, 0) >= end else 0
        for partition, end in ends.items()
    }


def rewritings(manifest: Manifest) -> set[str]:
    """The folders under `rewritten/` of which the manifest puts files into the table, with a closing slash."""
    return {folder(file.key) for file in manifest.files if file.key.startswith(REWRITTEN_PREFIX)}


def folder(key: str) -> str:
    """The folder in which a file lies, with a closing slash."""
    return key.rpartition("/")[0] + "/"


def location(files: list[DataFile], slot: Slot) -> Address:
    """The folder of a day's files, with a closing slash: that of the newest rewriting, else the day's own."""
    own = partition_prefix(*slot)
    rewritten = [Address(file.tier, folder(file.key)) for file in files if not file.key.startswith(own)]
    return rewritten[-1] if rewritten else Address("hot", own)
