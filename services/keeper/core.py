"""What the keeper decides, without I/O: which days are worth a merge, and whether a rewriting holds the same rows."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from eyeshot.commit_log import DataFile, Manifest, takes_out
from eyeshot.live import LiveTable
from eyeshot.table import Slot

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
    """A rewriting does not hold the rows that it was made from; it is thrown away."""


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


def to_merge(
    live: LiveTable, zone: ZoneInfo, caught_up_at: Mapping[int, int], file_bytes: int, gain_min: float
) -> list[Slot]:
    """The closed days whose files are worth a merge, oldest first."""
    return [
        slot
        for slot in live.days()
        if pays(live.files(slot), file_bytes, gain_min) and live.is_closed(slot, zone, caught_up_at)
    ]


def pays(files: Sequence[DataFile], file_bytes: int, gain_min: float) -> bool:
    """Whether merging saves that share of the files. One small file is no reason: every day may end with one."""
    wanted = max(1, math.ceil(sum(file.bytes for file in files) / file_bytes))
    small = sum(file.bytes < SMALL_SHARE * file_bytes for file in files)
    return small > 1 and len(files) - wanted >= gain_min * len(files)


def holds(files: Sequence[DataFile], wanted: Sequence[DataFile]) -> bool:
    """Whether all the wanted files are still among these."""
    return {file.key for file in wanted} <= {file.key for file in files}


def takes_any(manifest: Manifest | None, files: Sequence[DataFile], committed_by: int) -> bool:
    """Whether the manifest takes one of the files, committed at the latest by that one, out of the table."""
    return manifest is not None and any(takes_out(manifest, file, committed_by) for file in files)
