"""What the audit compares, without I/O: objects, footers, coordinates, and the faults found in them."""

from collections.abc import Mapping
from typing import NamedTuple

from eyeshot.commit_log import DataFile, Entry, Manifest
from eyeshot.footer import Footer
from eyeshot.tier import Address, Tier


class Fault(NamedTuple):
    """Something that is not as the log says: what kind, where, and in words what exactly."""

    kind: str
    where: str
    text: str


class LakeObject(NamedTuple):
    """An object as the store lists it in the bucket of its tier; the ETag without its quotes."""

    key: str
    size: int
    etag: str
    tier: Tier = "hot"

    @property
    def address(self) -> Address:
        """Where it lies."""
        return Address(self.tier, self.key)


class Span(NamedTuple):
    """Least and greatest value of a column in a file, as its footer's statistics have them."""

    least: int
    most: int


class ParquetFacts(NamedTuple):
    """What a file's own footer says."""

    rows: int
    footer: Footer | None
    partitions: Span | None
    offsets: Span | None


class Coverage(NamedTuple):
    """The rows of one Kafka partition in some files: runs of offsets (first, next), and coordinates that come twice."""

    rows: int
    runs: tuple[tuple[int, int], ...]
    doubled: tuple[tuple[int, int | None], ...]

    @property
    def offsets(self) -> int:
        """How many different offsets have rows."""
        return sum(following - first for first, following in self.runs)


class Live(NamedTuple):
    """A file that is in the table now, and the manifest that put it there."""

    file: DataFile
    manifest: Manifest


class Chain(NamedTuple):
    """The log as it could be read, what it says is in the table, and what a later manifest took out again.

    `removed` is the remover of each file, `taken_out` the files of each manifest that took some out.
    """

    entries: list[Entry]
    live: Mapping[str, Live]
    removed: Mapping[str, Manifest]
    taken_out: Mapping[int, tuple[str, ...]]
    faults: list[Fault]

    def addresses(self) -> set[Address]:
        """Where the files of the table lie."""
        return {live.file.address for live in self.live.values()}
