"""What the keeper needs of the world: files that become other files."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from eyeshot.commit_log import DataFile
from eyeshot.table import Slot
from eyeshot.tier import Tier
from services.keeper.core import Tally


class Rewritten(NamedTuple):
    """New files that exist where no query looks, the rows that were read for them, and how many were left out."""

    files: tuple[DataFile, ...]
    read: Tally
    left_out: int = 0


class Chosen(Protocol):
    """Some rows of a table: those that are to be erased."""

    def of(self, name: str, rows: Any) -> Any:
        """For each row of a piece of the table with that name whether it is one: a mask without NULLs."""


class Rewriter(Protocol):
    """Makes new files of old ones. All of it may raise StoreUnavailable, NoSuchObject, UploadLost."""

    async def rewrite(
        self, slot: Slot, files: Sequence[DataFile], nonce: str, tier: Tier, without: Chosen | None = None
    ) -> Rewritten:
        """The rows of these files, without those chosen, as few large ones in that tier; none when no row is left."""

    async def tally(self, files: Sequence[DataFile]) -> Tally:
        """What is in the files, read back from the store."""

    async def count(self, files: Sequence[DataFile], chosen: Chosen) -> int:
        """How many of the chosen rows are in the files."""

    async def discard(self, files: Sequence[DataFile]) -> None:
        """Delete files that nobody will ever name."""

    async def folders(self) -> set[str]:
        """The folder of every rewriting in any tier, with a closing slash."""

    async def abort(self, before_ms: int) -> int:
        """Forget uploads into colder tiers begun before then, epoch ms; how many. In the hot one compactors do it."""

    async def remove(self, folder: str) -> None:
        """Delete everything in a rewriting's folder, whatever its tier."""
