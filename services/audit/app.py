"""A lake in; the report of its audit out: read, compare, tell."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain as concatenated
from itertools import product
from typing import Any, Protocol, TypeVar

from eyeshot.table import DATA_PREFIXES, LOG_PREFIX, TIP_HINT_KEY
from eyeshot.tier import TIERS, Address, Tier
from services.audit import deep, objects
from services.audit.chain import read_chain
from services.audit.core import Chain, Fault, LakeObject, ParquetFacts
from services.audit.report import Report
from services.audit.settings import Audit as Settings

T = TypeVar("T")
R = TypeVar("R")
LOOK_SECONDS = 1.0


class LakeUnavailable(Exception):
    """The store did not answer, or refused: nothing is proved."""


class Lake(Protocol):
    """The buckets, as a reader sees them. Every method may raise LakeUnavailable."""

    def listing(self, prefix: str, tier: Tier = "hot") -> Iterator[LakeObject]:
        """Every object of the tier under the prefix, in the order of its key."""

    def get(self, key: str) -> bytes | None:
        """The bytes of an object of the hot tier, None when it is not there."""

    def read(self, there: LakeObject, start: int, length: int) -> bytes:
        """A piece of an object."""


class Parquet(Protocol):
    """How the lake's files are read."""

    def facts(self, there: LakeObject) -> ParquetFacts | str:
        """What the footer says, or why it cannot be read."""

    def coordinates(self, there: LakeObject) -> Any:
        """Partition, offset and index of every row; None when they cannot be read."""

    def coverage(self, tables: Iterable[Any]) -> Any:
        """What these rows cover, by Kafka partition."""


class Audit:
    """One run. A lake that is being written is judged by what was committed when the log was read."""

    def __init__(
        self,
        *,
        lake: Lake,
        parquet: Parquet,
        settings: Settings,
        monotonic: Callable[[], float],
        pause: Callable[[float], None],
    ) -> None:
        self._lake = lake
        self._parquet = parquet
        self._settings = settings
        self._monotonic = monotonic
        self._pause = pause

    def run(self, *, read_rows: bool) -> Report:
        """Compare everything; with `read_rows` every row's coordinates too."""
        before = self._data()  # before the log: what exists was committed earlier, so that the log must name it
        chain = self._chain()
        live = chain.addresses()
        after = self._listed_when_published(live)
        listed = objects.in_place(chain, {at: there for at, there in after.items() if at in before or at in live})
        to_read = objects.to_read(chain, listed)
        facts = dict(self._at_once(lambda there: (there.key, self._parquet.facts(there)), to_read))
        faults = [
            *chain.faults,
            *objects.check_tiers(chain, before.keys() & after.keys()),
            *objects.check_listing(chain, listed),
            *objects.check_strays(chain, listed, facts),
            *objects.check_footers(chain, facts),
        ]
        if read_rows:
            faults += self._rows(chain, listed)
        return Report(chain, listed, tuple(dict.fromkeys(faults)))

    def _data(self) -> dict[Address, LakeObject]:
        listings = (self._lake.listing(prefix, tier) for tier, prefix in product(TIERS, DATA_PREFIXES))
        return {there.address: there for there in concatenated.from_iterable(listings)}

    def _chain(self) -> Chain:
        hint = self._lake.get(TIP_HINT_KEY)  # before the log, which may grow past it
        keys = [there.key for there in self._lake.listing(LOG_PREFIX)]
        bodies = self._at_once(lambda key: (key, self._lake.get(key)), keys)
        return read_chain({key: body for key, body in bodies if body is not None}, hint)

    def _listed_when_published(self, live: set[Address]) -> dict[Address, LakeObject]:
        """The listing, once what was just committed is there too, or patience ends."""
        deadline = self._monotonic() + self._settings.patience_seconds
        while True:
            listed = self._data()
            if not live - listed.keys() or self._monotonic() >= deadline:
                return listed
            self._pause(LOOK_SECONDS)

    def _rows(self, chain: Chain, listed: dict[str, LakeObject]) -> list[Fault]:
        faults: list[Fault] = []
        for group in deep.groups(chain):
            there = [listed[key] for key in group.keys if key in listed]
            tables = [rows for rows in self._at_once(self._parquet.coordinates, there) if rows is not None]
            faults += deep.check_rows(group, self._parquet.coverage(tables))
        return faults

    def _at_once(self, read: Callable[[T], R], each: Iterable[T]) -> list[R]:
        with ThreadPoolExecutor(self._settings.reads_at_once) as readers:
            return list(readers.map(read, each))
