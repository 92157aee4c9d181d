"""Whether the disk holds what a first start writes. Standard library alone."""

import shutil
from pathlib import Path

# Measured on a first start: downloads while they are unpacked, then what stays.
CACHE_PEAK_MB = 2600
STATE_MB = 400
GO_CACHE_MB = 900


def too_small(cache: Path, state: Path, *, fetched: bool) -> list[str]:
    """One line per file system with too little space; what was `fetched` needs none in the cache."""
    wanted = [(state, STATE_MB)]
    if not fetched:
        wanted += [(cache, CACHE_PEAK_MB), (Path.home(), GO_CACHE_MB)]
    needs: dict[int, tuple[Path, int]] = {}
    for folder, megabytes in wanted:
        there = _nearest(folder)
        device = there.stat().st_dev
        needs[device] = (there, needs.get(device, (there, 0))[1] + megabytes)
    lines = []
    for there, megabytes in needs.values():
        free = shutil.disk_usage(there).free // 1_000_000
        if free < megabytes:
            lines.append(
                f"the disk of {there} is too small: {megabytes:,} MB are needed, {free:,} MB are free. "
                f"Free some, or set EYESHOT_CACHE to a folder on another disk"
            )
    return lines


def _nearest(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that is there."""
    return next(there for there in (folder, *folder.resolve().parents) if there.exists())
