"""Runs of identities (identities.py) of one Kafka partition in; which of them were there lately out. Pure.

"Lately" depends on nothing but the topic's content before a run: the records whose time is at most `window_ms` before
the newest one up to it, and of their runs the last `runs_max`. Whoever reads the partition from the first record of
that time on knows exactly what anybody knows who has read it all (docs/decisions/0012-duplicates.md).
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from eyeshot.commit_log import Deduplication
from services.compactor.identities import I64, U64, Runs
from services.compactor.seen_index import NOBODY, Index

NEVER = -(2**62)
SPARE = 4  # forgotten runs are swept out once they are a quarter of what is kept
SWEEP_RUNS = 8_192

_RUN = np.dtype([("key", "u8"), ("check", "u8"), ("mask", "u8"), ("before", "i4")])


class Size(NamedTuple):
    """What a window holds: runs, and bytes of memory."""

    runs: int
    bytes: int


class Seen:
    """The window of one Kafka partition. Times are epoch ms of records."""

    def __init__(self, rule: Deduplication) -> None:
        self._rule = rule
        self._newest = NEVER
        self._rows = np.empty(0, _RUN)
        self._times: I64 = np.empty(0, np.int64)
        self._used = 0
        self._index = Index(0)
        self.next_offset: int | None = None
        self.forgotten_early = 0

    @property
    def size(self) -> Size:
        """What it holds now."""
        return Size(self._used, self._rows.nbytes + self._times.nbytes + self._index.nbytes)

    def add(self, runs: Runs, offsets: I64, times: I64) -> list[tuple[int, int]]:
        """Take up the partition's next records, and their runs in order; position and bits of each that was there."""
        clock = np.maximum.accumulate(np.maximum(times, self._newest))
        self._newest, self.next_offset = int(clock[-1]), int(offsets[-1]) + 1
        self._make_room(len(runs.key), int(clock[0]))
        above = self._used
        doubtful = self._enter(runs.key, runs.check, runs.mask, clock[np.searchsorted(offsets, runs.offset)])
        repeated = [(int(position), self._repeated(above + int(position))) for position in doubtful]
        return [(position, bits) for position, bits in repeated if bits]

    def _enter(self, key: U64, check: U64, mask: U64, times: I64) -> npt.NDArray[np.intp]:
        """Append runs; the positions of those that may repeat something."""
        above, count = self._used, len(key)
        if not count:
            return np.empty(0, np.intp)
        order = np.argsort(key, kind="stable")
        first = np.flatnonzero(np.concatenate(([True], np.diff(key[order]) != 0)))
        last = np.append(first[1:], count) - 1
        slots = self._index.slots(key[order[first]])
        rows = self._rows[above : above + count]
        rows["key"], rows["check"], rows["mask"] = key, check, mask
        rows["before"][order[1:]] = order[:-1] + above
        rows["before"][order[first]] = self._index.newest[slots]
        self._times[above : above + count] = times
        self._used += count
        together = np.bitwise_or.reduceat(mask[order], first)
        numbers = np.add.reduceat(np.bitwise_count(mask[order]), first, dtype=np.int64)
        doubtful = (np.bitwise_count(together) != numbers) | (self._index.covered[slots] & together != 0)
        self._index.covered[slots] |= together
        self._index.newest[slots] = order[last] + above
        return np.sort(order[np.repeat(doubtful, last - first + 1)])

    def _repeated(self, at: int) -> int:
        """Which bits of the run are in an earlier one of the window."""
        run, start = self._rows[at], self._start(int(self._times[at]), at)
        mask, bits, before = int(run["mask"]), 0, int(run["before"])
        while before >= start and bits != mask:
            other = self._rows[before]
            if other["check"] == run["check"]:
                bits |= int(other["mask"]) & mask
            before = int(other["before"])
        return bits

    def _start(self, time: int, at: int) -> int:
        """The first run of the window of a run that has this time and this place."""
        return max(self._in_time(time), at - self._rule.runs_max)

    def _in_time(self, time: int) -> int:
        return int(np.searchsorted(self._times[: self._used], time - self._rule.window_ms))

    def _make_room(self, count: int, time: int) -> None:
        """Let so many runs fit that come at this time or later; what they cannot find any more is forgotten."""
        in_time, start = self._in_time(time), self._start(time, self._used)
        needed = self._used - start + count
        if self._used + count <= len(self._rows) and start < SWEEP_RUNS + needed // SPARE:
            return
        kept, times = self._rows[start : self._used], self._times[start : self._used]
        room = needed + SWEEP_RUNS + needed // SPARE
        self._rows, self._times = np.empty(room, _RUN), np.empty(room, np.int64)
        self._rows[: len(kept)], self._times[: len(kept)] = kept, times
        self._rows["before"][: len(kept)] = np.maximum(kept["before"] - start, NOBODY)
        self._index, self._used = self._index.since(start, room), len(kept)
        self.forgotten_early += max(start - in_time, 0)
