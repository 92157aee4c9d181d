"""A folder of built SDK files in; its versions out, read again when the folder changes.

The files at the top are the newest version, which their banner names; folders below, named after a version, are the
older ones, so that pages which pinned one keep working.
"""

from pathlib import Path

from services.collector.assets import Asset, Release, asset, version_of

NEWEST = ("eyeshot.js", "eyeshot.mjs")
UNNAMED = "unnamed"
"""The version of files without a banner."""

_Stamp = tuple[tuple[str, int, int], ...]


class Shelf:
    """Keeps every file in memory, compressed; they are a few kilobytes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stamp: _Stamp | None = None
        self._releases: dict[str, Release] = {}

    def releases(self) -> dict[str, Release]:
        """All versions, the newest first."""
        stamp = self._look()
        if stamp != self._stamp:
            self._releases, self._stamp = self._read(), stamp
        return self._releases

    def _look(self) -> _Stamp:
        found = [(path, path.stat()) for path in sorted(self._folder.rglob("*")) if path.is_file()]
        return tuple((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in found)

    def _read(self) -> dict[str, Release]:
        if not self._folder.is_dir():
            return {}
        releases = {self._version() or UNNAMED: _release(self._folder)}
        for folder in sorted((each for each in self._folder.iterdir() if each.is_dir()), reverse=True):
            if release := _release(folder):
                releases.setdefault(folder.name, release)
        return releases

    def _version(self) -> str | None:
        paths = [self._folder / name for name in NEWEST]
        return next((version_of(path.read_bytes()) for path in paths if path.is_file()), None)


def _release(folder: Path) -> Release:
    found = {path.name: _asset(path) for path in sorted(folder.iterdir()) if path.is_file()}
    return {name: made for name, made in found.items() if made}


def _asset(path: Path) -> Asset | None:
    return asset(path.name, path.read_bytes(), _brotli(path))


def _brotli(path: Path) -> bytes | None:
    """What the build left beside the file. One that is older than the file is of another build."""
    brotli = path.with_name(f"{path.name}.br")
    if not brotli.is_file() or brotli.stat().st_mtime_ns < path.stat().st_mtime_ns:
        return None
    return brotli.read_bytes()
