"""shim.c compiled, and the page by which a harness tells it what to do to the processes that run on it."""

import contextlib
import errno
import hashlib
import mmap
import shutil
import struct
import subprocess
from pathlib import Path

from deploy.paths import VAR

SOURCE = Path(__file__).with_name("shim.c")
NANOSECONDS = 1_000_000_000
_CLOCK_OFFSET, _SYNC_DELAY, _WRITE_ERROR, _FIELDS = range(4)


class NoCompiler(Exception):
    """This machine cannot compile it; the text says what is missing."""


def compiled() -> Path:
    """The library, compiled if its source is new. Raises NoCompiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise NoCompiler("no C compiler is here: apt-get install gcc libc6-dev")
    library = VAR / f"chaos/shim-{hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:12]}.so"
    if not library.exists():
        library.parent.mkdir(parents=True, exist_ok=True)
        unfinished = library.with_suffix(".unfinished")
        command = [compiler, "-shared", "-fPIC", "-O2", "-o", str(unfinished), str(SOURCE), "-ldl"]
        ran = subprocess.run(command, check=False, capture_output=True, text=True)
        if ran.returncode:
            raise NoCompiler(f"{SOURCE.name} does not compile: {ran.stderr}")
        unfinished.rename(library)
    return library


class Control:
    """The page. What is written here holds at once for every process that has it."""

    def __init__(self, file: Path) -> None:
        file.write_bytes(bytes(_FIELDS * 8))
        self._file = file
        with file.open("r+b") as page:
            self._page = mmap.mmap(page.fileno(), _FIELDS * 8)

    def environment(self, library: Path, disk: Path, platter: Path) -> dict[str, str]:
        """What a process must be started with. `disk` is the folder that fails, `platter` what outlives a power cut."""
        return {
            "LD_PRELOAD": str(library),
            "EYESHOT_CHAOS_CONTROL": str(self._file),
            "EYESHOT_CHAOS_DISK": str(disk.resolve()),
            "EYESHOT_CHAOS_PLATTER": str(platter.resolve()),
        }

    def clock(self, seconds: float) -> None:
        """Move the wall clock, seen from the true one."""
        self._set(_CLOCK_OFFSET, int(seconds * NANOSECONDS))

    def slow(self, seconds: float) -> None:
        """Make every fsync take that much longer."""
        self._set(_SYNC_DELAY, int(seconds * NANOSECONDS))

    def failing(self, name: str | None) -> None:
        """Let every write fail with that error, or with none."""
        self._set(_WRITE_ERROR, getattr(errno, name) if name else 0)

    def heal(self) -> None:
        """Nothing is wrong any more."""
        self.clock(0)
        self.slow(0)
        self.failing(None)

    def close(self) -> None:
        """Let go of the page."""
        with contextlib.suppress(ValueError):
            self._page.close()

    def _set(self, field: int, value: int) -> None:
        self._page[field * 8 : field * 8 + 8] = struct.pack("=q", value)
