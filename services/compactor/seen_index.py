"""Keys in; for each the numbers its runs cover, and its newest run, out: a hash table over arrays. Pure."""

import numpy as np
import numpy.typing as npt

from services.compactor.identities import U64

NOBODY = -1


class Index:
    """Open addressing with linear probing, for up to `keys_max` keys. A key is never 0, and is its own hash."""

    def __init__(self, keys_max: int) -> None:
        size = 1 << max(4, (keys_max * 3 // 2).bit_length())
        self._keys: U64 = np.zeros(size, np.uint64)
        self._wrap = np.uint64(size - 1)
        self.covered: U64 = np.zeros(size, np.uint64)
        self.newest: npt.NDArray[np.int32] = np.full(size, NOBODY, np.int32)

    @property
    def nbytes(self) -> int:
        """The memory it takes."""
        return self._keys.nbytes + self.covered.nbytes + self.newest.nbytes

    def since(self, start: int, keys_max: int) -> "Index":
        """Another index, with the keys whose newest run is `start` or later, counted from there."""
        other, kept = Index(keys_max), np.flatnonzero(self.newest >= start)
        slots = other.slots(self._keys[kept])
        other.covered[slots], other.newest[slots] = self.covered[kept], self.newest[kept] - start
        return other

    def slots(self, keys: U64) -> npt.NDArray[np.uint64]:
        """Where each of these different keys is; one that is new gets a place."""
        slots = self._probe(keys)
        while True:
            self._keys[slots] = keys
            lost = np.flatnonzero(self._keys[slots] != keys)  # two new keys met at one free place
            if not len(lost):
                return slots
            slots[lost] = self._probe(keys[lost])

    def _probe(self, keys: U64) -> npt.NDArray[np.uint64]:
        """The place of each key, or the free one where the search for it ends."""
        slots = keys & self._wrap
        looking = np.arange(len(keys))
        while len(looking):
            there = self._keys[slots[looking]]
            looking = looking[(there != 0) & (there != keys[looking])]
            slots[looking] = (slots[looking] + np.uint64(1)) & self._wrap
        return slots
