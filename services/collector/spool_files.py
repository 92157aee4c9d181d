"""A folder in; one spool file that is this process's alone, holding what dead workers left in theirs, out."""

import contextlib
import fcntl
import logging
import os
import sqlite3
import time
from itertools import count
from pathlib import Path
from typing import NamedTuple

from eyeshot import metrics
from eyeshot.logs import happened
from services.collector.spool_rules import ROW_BYTES, is_damage

_TABLES = """
CREATE TABLE IF NOT EXISTS records (number INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB, value BLOB, checksum INTEGER);
CREATE TABLE IF NOT EXISTS set_aside (number INTEGER, key BLOB, value BLOB, checksum INTEGER, reason TEXT);
"""


class Claim(NamedTuple):
    """A spool file, and the lock that makes it mine. The lock goes with the process, however that ends."""

    file: Path
    lock: int

    def close(self) -> None:
        """Let others have it."""
        os.close(self.lock)


def claim(folder: Path) -> tuple[Claim, sqlite3.Connection]:
    """Claim the first free file, then move the records of every other file that has no owner into it."""
    if not folder.is_dir():
        folder.mkdir(parents=True)
        _sync(folder.parent)
    mine = next(taken for number in count() if (taken := _lock(folder / f"spool-{number}.db")))
    try:
        return mine, _take_over(folder, mine)
    except BaseException:
        mine.close()
        raise


def _take_over(folder: Path, mine: Claim) -> sqlite3.Connection:
    db = open_file(mine.file)
    try:
        for file in sorted({*folder.glob("spool-*.db"), *map(_rebuilt_into, folder.glob("spool-*.rebuilt"))}):
            if file != mine.file and (orphan := _lock(file)):
                with contextlib.closing(orphan):
                    adopt(db, file)
    except BaseException:
        db.close()
        raise
    return db


def open_file(file: Path) -> sqlite3.Connection:
    """Open a spool file; one that is no database is put aside, and a new one takes its place.

    Raises sqlite3.DatabaseError when the disk is full or fails: that says nothing against the file.
    """
    _finish_rebuild(file)
    try:
        return _connect(file)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        happened("spool_file_damaged", level=logging.ERROR, file=file.name, error=str(error))
        metrics.SPOOL_FILES_DAMAGED.inc()
        _put_aside(file)
        return _connect(file)


def adopt(db: sqlite3.Connection, file: Path) -> None:
    """Move an orphan's records. A crash between the two steps doubles them, which their identity undoes.

    Raises sqlite3.DatabaseError while the disk is full or fails; then the orphan stays as it is.
    """
    _finish_rebuild(file)
    try:
        with contextlib.closing(_connect(file)) as orphan:
            moved, unreadable = copy(orphan, db)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        happened("spool_file_damaged", level=logging.ERROR, file=file.name, error=str(error))
        moved, unreadable = 0, 1
    if unreadable:
        metrics.SPOOL_FILES_DAMAGED.inc()
        _put_aside(file)
    else:
        _delete(file)
    happened("spool_adopted", file=file.name, records=moved, unreadable=unreadable)


def rebuild(file: Path, damaged: sqlite3.Connection) -> tuple[sqlite3.Connection, int]:
    """A new file with every record of the damaged one that can still be read, and how many could not."""
    fresh_file = _rebuilt(file)
    _delete(fresh_file)
    with contextlib.closing(_connect(fresh_file)) as fresh:
        _, unreadable = copy(damaged, fresh)
    damaged.close()
    _put_aside(file)
    _finish_rebuild(file)
    return _connect(file), unreadable


def _finish_rebuild(file: Path) -> None:
    """A rebuild's last step, also if a crash kept it from it: the new file is whole once the old one is gone."""
    if not file.exists() and _rebuilt(file).exists():
        _put_aside(file)  # the old one's log, if that is still there
        _rebuilt(file).rename(file)
        _sync(file.parent)


def _rebuilt(file: Path) -> Path:
    return file.with_suffix(".rebuilt")


def _rebuilt_into(fresh_file: Path) -> Path:
    return fresh_file.with_suffix(".db")


def copy(source: sqlite3.Connection, target: sqlite3.Connection) -> tuple[int, int]:
    """Copy all records in order, number by number so that a damaged page costs only its own; copied, unreadable."""
    first, last = _numbers(source)
    copied = unreadable = 0
    with target:
        target.execute("BEGIN IMMEDIATE")
        for number in range(first, last + 1):
            try:
                row = source.execute("SELECT key, value, checksum FROM records WHERE number = ?", (number,)).fetchone()
            except sqlite3.DatabaseError:
                unreadable += 1
                continue
            if row:
                target.execute("INSERT INTO records (key, value, checksum) VALUES (?, ?, ?)", row)
                copied += 1
        rows = _set_aside_rows(source)
        target.executemany("INSERT INTO set_aside VALUES (?, ?, ?, ?, ?)", rows)
    return copied, unreadable


def _numbers(db: sqlite3.Connection) -> tuple[int, int]:
    """The first and the last number that a record can have; what the damage made unreadable is taken at its widest."""
    most = _bytes(db) // ROW_BYTES
    first = _number(db, "SELECT min(number) FROM records")
    last = _number(db, "SELECT seq FROM sqlite_sequence WHERE name = 'records'")
    if last is None:
        last = _number(db, "SELECT max(number) FROM records")
    if first is None:
        first = max(1, (last or most) - most)
    return first, min(first + most if last is None else last, first + most)


def _number(db: sqlite3.Connection, query: str) -> int | None:
    try:
        found = db.execute(query).fetchone()
    except sqlite3.DatabaseError:
        return None
    return found[0] if found and isinstance(found[0], int) else None


def _bytes(db: sqlite3.Connection) -> int:
    """Of the file and of what its log may add to it."""
    ((_, _, name),) = db.execute("PRAGMA database_list").fetchall()
    return sum(each.stat().st_size for each in _files(Path(name)) if each.exists())


def _set_aside_rows(db: sqlite3.Connection) -> list[tuple[object, ...]]:
    try:
        return db.execute("SELECT * FROM set_aside").fetchall()
    except sqlite3.DatabaseError:
        return []


def _lock(file: Path) -> Claim | None:
    """The lock file stays for ever: deleting it would let two processes lock two files of one name."""
    lock = os.open(file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return Claim(file, lock)


def _connect(file: Path) -> sqlite3.Connection:
    db = sqlite3.connect(file, isolation_level=None, check_same_thread=False, cached_statements=16)
    try:
        db.execute("PRAGMA auto_vacuum = INCREMENTAL")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")  # fsync at every commit: that is what 202 promises
        db.execute("PRAGMA cache_size = -2048")
        db.executescript(_TABLES)
    except sqlite3.Error:
        db.close()
        raise
    return db


def _files(file: Path) -> list[Path]:
    return [file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")]


def _put_aside(file: Path) -> None:
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    for each in _files(file):
        if each.exists():
            each.rename(each.with_name(f"{each.name}.damaged-{stamp}"))


def _sync(folder: Path) -> None:
    """Make names last: an fsync of a file says nothing about the folder it is in."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _delete(file: Path) -> None:
    for each in _files(file):
        each.unlink(missing_ok=True)
