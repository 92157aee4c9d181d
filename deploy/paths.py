"""Where things are: the repository, the states of the stacks, the cache of downloads."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"


def cache() -> Path:
    """The folder of downloads and builds, shared by all checkouts of one user."""
    return Path(os.environ.get("EYESHOT_CACHE") or Path.home() / ".cache" / "eyeshot").resolve()
