"""The repository as a reader sees it: tracked and new files, none that git ignores."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def files(*suffixes: str) -> list[Path]:
    """Files of the repository with those endings, all of them without any."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in paths if path.is_file() and (not suffixes or path.suffix in suffixes)]


def name(path: Path) -> str:
    """The path as a reader would write it."""
    return str(path.relative_to(ROOT))
