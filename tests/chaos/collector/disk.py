"""The disk of a spool: small, so that it can be full; and what a power cut leaves of it."""

import subprocess
from pathlib import Path
from random import Random

BYTES = 128 * 1024 * 1024
SECTOR = 512
BALLAST = "ballast"
WRITTEN_IN_MEMORY = ("-shm", ".lock", BALLAST)
"""Files that no power cut has to bring back: SQLite makes the index of its log anew, a lock has no content."""


class SmallDisk:
    """A folder with a file system of its own where that is possible: mounting takes root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={BYTES},mode=0700", "eyeshot-chaos", str(folder)]
        ran = subprocess.run(command, check=False, capture_output=True, text=True)
        self.cannot_fill = ran.stderr.strip() if ran.returncode else None

    def fill(self) -> None:
        """Leave not one block."""
        with (self.folder / BALLAST).open("wb", buffering=0) as ballast:
            for size in (1024 * 1024, 4096):
                try:
                    while True:
                        ballast.write(bytes(size))
                except OSError:
                    continue

    def empty(self) -> None:
        """Give the room back."""
        (self.folder / BALLAST).unlink(missing_ok=True)

    def close(self) -> None:
        """Unmount it."""
        if self.cannot_fill is None:
            subprocess.run(["umount", str(self.folder)], check=False)


def cut_power(disk: Path, platter: Path, random: Random) -> None:
    """Leave on the disk what a power cut may leave, and nothing that runs may have it open.

    Whatever was fsynced is there. Of the rest each sector is there or not as it happens; a file that was removed is
    gone or back.
    """
    names = {path.name for folder in (disk, platter) for path in folder.iterdir() if path.is_file()}
    for name in sorted(names):
        if name.endswith(WRITTEN_IN_MEMORY):
            (disk / name).unlink(missing_ok=True)
            continue
        left = _left(disk / name, platter / name, random)
        for file in (disk / name, platter / name):
            if left is None:
                file.unlink(missing_ok=True)
            else:
                file.write_bytes(left)


def _left(cached: Path, synced: Path, random: Random) -> bytes | None:
    if not cached.exists():
        return synced.read_bytes() if random.random() < 0.5 else None
    if not synced.exists() and random.random() < 0.5:
        return None
    new, old = cached.read_bytes(), synced.read_bytes() if synced.exists() else b""
    size = len(old) if len(old) == len(new) else random.choice((len(old), len(new)))
    left = bytearray(size)
    for at in range(0, size, SECTOR):
        end = min(at + SECTOR, size)
        here = (new[at:end], old[at:end])
        left[at:end] = (here[0] if here[0] == here[1] else random.choice(here)).ljust(end - at, b"\0")
    return bytes(left)
