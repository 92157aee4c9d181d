"""What the keeper decides, without I/O: days to merge or drop, rewritings that hold the same rows or nobody wants."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from eyeshot.commit_log import DataFile, Manifest, takes_out
from eyeshot.live import Live, LiveTable, folder, rewritings
from eyeshot.table import Slot, day_end_ms

A_DAY_MS = 24 * 3_600_000
FOLDERS_MAX = 1_000  # named by one manifest: a folder takes about a hundred bytes of its 256 KiB
SMALL_SHARE = 0.5  # of the size wanted: a file below it counts as small


class Tally(NamedTuple):
    """How many rows there are, and a checksum of their coordinates that does not depend on their order."""

    rows: int
    checksum: int

    def plus(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(self.rows + other.rows, (self.checksum + other.checksum) % 2**64)


NOTHING = Tally(0, 0)


class RowsDiffer(Exception):
    """A rewriting does not hold, or would not hold, the rows that it is made from; it is thrown away."""


def check_same(read: Tally, written: Tally, slot: Slot) -> None:
    """Raise RowsDiffer unless both hold the same rows."""
    if read != written:
        raise RowsDiffer(
            f"{slot.table} of {slot.day}: {read.rows} rows with checksum {read.checksum:016x} were read,"
            f" {written.rows} with {written.checksum:016x} are in the new files"
        )


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


def to_merge(live: LiveTable, closed: Sequence[Slot], file_bytes: int, gain_min: float) -> list[Slot]:
    """The closed days whose files are worth a merge."""
    return [slot for slot in closed if pays(live.files(slot), file_bytes, gain_min)]


def expired(closed: Sequence[Slot], zone: ZoneInfo, now_ms: int, days: int) -> list[Slot]:
    """The closed days that ended so many days ago; none when `days` is 0."""
    return [slot for slot in closed if days and day_end_ms(slot.day, zone) + days * A_DAY_MS <= now_ms]


class Leftovers:
    """Rewritings that no manifest names, and since when they have been seen, by any clock in seconds."""

    def __init__(self, age_seconds: float) -> None:
        self._age_seconds = age_seconds
        self._since: dict[str, float] = {}

    def due(self, unnamed: Collection[str], now: float) -> list[str]:
        """Those of these folders that have been unnamed for long enough, in order, at most a manifest's worth."""
        self._since = {folder: self._since.get(folder, now) for folder in unnamed}
        return sorted(folder for folder, since in self._since.items() if now - since >= self._age_seconds)[:FOLDERS_MAX]


def pays(files: Sequence[DataFile], file_bytes: int, gain_min: float) -> bool:
    """Whether merging saves that share of the files. One small file is no reason: every day may end with one.

    It pays whatever the sizes when the files lie in several folders: a partition has one location, so that a file which
    came after a rewriting (a repair) is seen by no query.
    """
    if len({folder(file.key) for file in files}) > 1:
        return True
    wanted = max(1, math.ceil(sum(file.bytes for file in files) / file_bytes))
    small = sum(file.bytes < SMALL_SHARE * file_bytes for file in files)
    return small > 1 and len(files) - wanted >= gain_min * len(files)


def holds(files: Sequence[DataFile], wanted: Sequence[Live]) -> bool:
    """Whether all the wanted files are still among these."""
    return {live.file.key for live in wanted} <= {file.key for file in files}


def spoils(manifest: Manifest | None, files: Sequence[Live], folder: str) -> bool:
    """Whether the manifest takes one of the files out of the table, or gives up the folder of their rewriting."""
    return manifest is not None and (
        folder in manifest.given_up or any(takes_out(manifest, live.file, live.sequence) for live in files)
    )


def commits_any(manifest: Manifest | None, folders: Collection[str]) -> bool:
    """Whether the manifest puts a file of these folders into the table."""
    return manifest is not None and not rewritings(manifest).isdisjoint(folders)
