"""A folder in; the records of one claimed spool file, read and written by the one thread that owns it, out."""

import zlib
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from services.collector import spool_files
from services.collector.spool_rules import KEY_SLOTS, slot, weight

Row = tuple[int, object, object, object]
"""Number, key, value, checksum; a damaged row may hold anything."""


class Inventory(NamedTuple):
    """What is in a file: records per slot of their keys, records, bytes."""

    keys: "array[int]"
    records: int
    bytes: int


def nothing() -> Inventory:
    """The inventory of an empty file."""
    return Inventory(array("L", bytes(KEY_SLOTS * array("L").itemsize)), 0, 0)


class Table:
    """Every change is fsynced when its method returns. All methods may raise sqlite3.Error."""

    def __init__(self, folder: Path) -> None:
        """Claim a file nobody uses, and take over what dead workers left in others."""
        self._claim, self._db = spool_files.claim(folder)

    @property
    def name(self) -> str:
        """The file's."""
        return self._claim.file.name

    def close(self) -> None:
        """Let others have it."""
        self._db.close()
        self._claim.close()

    def inventory(self) -> Inventory:
        """Count everything."""
        keys, records, size = nothing()
        for key, value in self._db.execute("SELECT key, value FROM records"):
            keys[slot(as_bytes(key))] += 1
            records += 1
            size += weight(as_bytes(key), as_bytes(value))
        return Inventory(keys, records, size)

    def append(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        """Add keys and values, all or none of them."""
        rows = [(key, value, zlib.crc32(value, zlib.crc32(key))) for key, value in records]
        self._change("INSERT INTO records (key, value, checksum) VALUES (?, ?, ?)", rows)

    def oldest(self, records: int) -> list[Row]:
        """The oldest records, in order."""
        query = "SELECT number, key, value, checksum FROM records ORDER BY number LIMIT ?"
        return self._db.execute(query, (records,)).fetchall()

    def remove(self, numbers: Iterable[int]) -> None:
        """Forget them."""
        self._change("DELETE FROM records WHERE number = ?", [(number,) for number in numbers])

    def copy_aside(self, number: int, reason: str) -> None:
        """Keep a record in the table `set_aside`."""
        self._change("INSERT INTO set_aside SELECT *, ? FROM records WHERE number = ?", [(reason, number)])

    def give_back(self) -> None:
        """Return the room of what was removed to the disk."""
        self._db.execute("PRAGMA incremental_vacuum").fetchall()
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def rebuild(self) -> int:
        """Save what can be read into a new file, keep the damaged one beside it; how many could not be read."""
        self._db, unreadable = spool_files.rebuild(self._claim.file, self._db)
        return unreadable

    def _change(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        with self._db:  # commits with fsync, or rolls all of it back
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(statement, rows)


def as_bytes(stored: object) -> bytes:
    """A cell of a damaged row may hold anything."""
    return stored if isinstance(stored, bytes) else b""
