"""This process in; the memory that it really takes out."""

import mmap
from pathlib import Path

_PAGES = Path("/proc/self/statm")


def resident_bytes() -> int:
    """Resident memory of this process; 0 where the system does not tell (it has no /proc)."""
    try:
        return int(_PAGES.read_text().split()[1]) * mmap.PAGESIZE
    except OSError:
        return 0
