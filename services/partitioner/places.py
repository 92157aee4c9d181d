"""Manifests in; where each day of the table lies, and the files that were taken out of it, out. Pure."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from eyeshot.commit_log import DataFile, Manifest
from eyeshot.live import Live, LiveTable
from eyeshot.live import location as folder_of_day
from eyeshot.table import Slot
from eyeshot.tier import Address, Tier, bucket_of


class Place(NamedTuple):
    """Where a day lies: its whole location, None when it has no files any more.

    `manifest` is the number of the manifest that moved it there, and `since` when that was written (epoch ms); a day
    that lies where its table has it from the beginning was moved by none.
    """

    location: str | None
    manifest: int | None
    since: int


class TakenOut(NamedTuple):
    """A file that is in the table no more: its day, when that was written (epoch ms), and the tier it lies in."""

    slot: Slot
    at: int
    tier: Tier = "hot"


class Places:
    """What the log says after the manifests that were appended, in order and without a gap."""

    def __init__(self, bucket: str) -> None:
        self.bucket = bucket
        self.live = LiveTable()
        self.days: dict[Slot, Place] = {}
        self.taken_out: dict[str, TakenOut] = {}

    @property
    def sequence(self) -> int:
        """The number of the newest manifest that was appended; -1 for none."""
        return self.live.sequence

    def append(self, manifest: Manifest) -> None:
        """Take up the log's next manifest. Raises ValueError when it is not the next one."""
        gone = self.live.append(manifest)
        for file in gone:
            self.taken_out[file.key] = TakenOut(_slot(file), manifest.created_at, file.tier)
        self.forget(file.key for file in manifest.files)
        touched = {_slot(file) for file in gone}
        for slot in touched | {_slot(file) for file in manifest.files if not self._stays(file)}:
            self._place(slot, manifest)

    def forget(self, keys: Iterable[str]) -> None:
        """These files are deleted."""
        for key in keys:
            self.taken_out.pop(key, None)

    def _stays(self, file: DataFile) -> bool:
        """Whether the file moves nothing: it comes to a day's own folder, as nearly all do, and a day may have many."""
        place, own = self.days.get(_slot(file)), own_location(_slot(file), self.bucket)
        return place is not None and place.location == own == location([file], _slot(file), self.bucket)

    def _place(self, slot: Slot, manifest: Manifest) -> None:
        before = self.days.get(slot)
        entries = self.live.entries(slot)
        now = location_of_day(entries, slot, self.bucket) if entries else None
        if before is None:
            moved = now != own_location(slot, self.bucket)
            self.days[slot] = Place(now, manifest.sequence if moved else None, manifest.created_at)
        elif before.location != now:
            self.days[slot] = Place(now, manifest.sequence, manifest.created_at)


def _slot(file: DataFile) -> Slot:
    return Slot(file.table, file.day)


def location_of_day(entries: Sequence[Live], slot: Slot, bucket: str) -> str:
    """The whole location of a day's files: the folder of the newest rewriting, else the day's own."""
    return location([live.file for live in sorted(entries, key=lambda live: live.sequence)], slot, bucket)


def location(files: list[DataFile], slot: Slot, bucket: str) -> str:
    """The whole location of these files of a day, oldest first: the one place that knows where files lie."""
    return whole(folder_of_day(files, slot), bucket).rstrip("/")


def own_location(slot: Slot, bucket: str) -> str:
    """Where the table has the day when no manifest moved it."""
    return location([], slot, bucket)


def whole(address: Address, bucket: str) -> str:
    """An address as the metastore and people write it."""
    return f"s3://{bucket_of(address.tier, bucket)}/{address.key}"
