"""The sites file in; the sites it last gave a usable answer to, out."""

import asyncio
import logging
from pathlib import Path

from eyeshot import metrics
from eyeshot.logs import happened
from services.collector.sites import Sites, SitesInvalid, read_sites

_Stamp = tuple[int, int, int]


class SiteFile:
    """Reads the file at once, and again whenever it changes. A broken file changes nothing but the log."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = self._look()
        self._sites = read_sites(path.read_bytes())
        metrics.SITES_FILE_USABLE.set(1)

    def sites(self) -> Sites:
        """The sites in force."""
        return self._sites

    async def follow(self, seconds: float) -> None:
        """Look at the file every so often, for ever."""
        while True:
            await asyncio.sleep(seconds)
            self.refresh()

    def refresh(self) -> None:
        """Read the file if it changed."""
        try:
            stamp = self._look()
            if stamp == self._stamp:
                return
            self._stamp = stamp
            self._sites = read_sites(self._path.read_bytes())
        except (SitesInvalid, OSError) as error:
            self._refused(str(error))
        else:
            metrics.SITES_FILE_USABLE.set(1)
            happened("sites_file_read", file=str(self._path), sites=len(self._sites))

    def _refused(self, reason: str) -> None:
        metrics.SITES_FILE_USABLE.set(0)
        happened("sites_file_refused", level=logging.ERROR, file=str(self._path), reason=reason)

    def _look(self) -> _Stamp:
        found = self._path.stat()
        return found.st_mtime_ns, found.st_size, found.st_ino
