"""What the spool decides, without I/O: room, order of keys, damage."""

import errno
import sqlite3
import zlib

from services.collector.settings import Spool

KEY_SLOTS = 65_536
ROW_BYTES = 64  # SQLite's own bytes per row, rounded up
RESERVED_BYTES = 8 * 1024 * 1024  # what the write-ahead log may grow to before it is folded back


def slot(key: bytes) -> int:
    """Where a key is counted. Keys that share a slot wait for each other, which costs an fsync and breaks nothing."""
    return zlib.crc32(key) % KEY_SLOTS


def weight(key: bytes, value: bytes) -> int:
    """Bytes a record takes."""
    return len(key) + len(value) + ROW_BYTES


def no_room(used_bytes: int, free_bytes: int, settings: Spool) -> str | None:
    """Why no record may be added, or None: the spool is full, or its disk nearly is."""
    if used_bytes >= settings.bytes_max:
        return f"the spool holds {used_bytes} bytes of at most {settings.bytes_max}"
    if free_bytes < settings.free_bytes_min + RESERVED_BYTES:
        return f"the spool's disk has {free_bytes} bytes left, and {settings.free_bytes_min} are not to be touched"
    return None


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite says that the file itself is broken, rather than the disk full or away."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def may_pass(error: Exception) -> bool:
    """Whether the disk is full or fails, which time or an operator mends, rather than the folder wrong."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO)
    return isinstance(error, sqlite3.Error) and not is_damage(error)


def damaged(key: object, value: object, checksum: object) -> bool:
    """Whether a row is not what was written."""
    if not isinstance(key, bytes) or not isinstance(value, bytes):
        return True
    return zlib.crc32(value, zlib.crc32(key)) != checksum
