"""The coordinates of every row in; offsets that are missing, doubled, or where they do not belong, out. Pure.

Rows are compared with what was consumed commit by commit. A repair or a merge ties commits together: what one of them
consumed may now be in a file of another.
"""

from collections.abc import Iterable, Iterator, Mapping

from eyeshot.commit_log import Manifest, OffsetRange
from eyeshot.table import manifest_key
from services.audit.core import Chain, Coverage, Fault

SHOWN_MAX = 5


class Group:
    """Commits whose rows lie in the same files, and those files."""

    def __init__(self) -> None:
        self.manifests: list[Manifest] = []
        self.keys: list[str] = []


def groups(chain: Chain) -> list[Group]:
    """Every commit and every live file in exactly one group."""
    owner: dict[str, Group] = {}
    found: list[Group] = []
    for manifest, _ in chain.entries:
        group = Group()
        found.append(group)
        gone = chain.taken_out.get(manifest.sequence, ())
        for key in gone:
            if (other := owner.get(key)) and other is not group:
                _join(group, other, owner)
                found.remove(other)
        group.manifests.append(manifest)
        left = set(group.keys).difference(gone)
        group.keys = [key for key in group.keys if key in left] + [file.key for file in manifest.files]
        owner |= dict.fromkeys((*group.keys, *gone), group)
    return found


def _join(group: Group, other: Group, owner: dict[str, Group]) -> None:
    group.manifests += other.manifests
    group.keys += other.keys
    owner |= {key: group for key, its in owner.items() if its is other}


def check_rows(group: Group, coverage: Mapping[int, Coverage]) -> Iterator[Fault]:
    """Every record consumed has its rows, once."""
    consumed: dict[int, list[OffsetRange]] = {}
    for manifest in group.manifests:
        for taken in manifest.consumed:
            consumed.setdefault(taken.partition, []).append(taken)
    erased = sum(manifest.erased for manifest in group.manifests)
    where = ", ".join(manifest_key(manifest.sequence) for manifest in group.manifests[:SHOWN_MAX])
    for partition in sorted(consumed.keys() | coverage.keys()):
        there = coverage.get(partition, Coverage(0, (), ()))
        for kind, text in _partition(consumed.get(partition, []), there, erased):
            yield Fault(kind, where, f"partition {partition}: {text}")
    if erased:
        for kind, text in _erased(consumed, coverage, erased):
            yield Fault(kind, where, text)


def _partition(taken: list[OffsetRange], there: Coverage, erased: int) -> Iterator[tuple[str, str]]:
    if there.doubled:
        shown = ", ".join(f"offset {offset} index {index}" for offset, index in there.doubled[:SHOWN_MAX])
        yield "doubled rows", f"{len(there.doubled)} rows come more than once: {shown}"
    if outside := _minus(there.runs, _joined((each.first, each.next) for each in taken)):
        yield "doubled offsets", f"rows of offsets that these commits did not consume: {_shown(outside)}"
    records, duplicates = sum(each.records for each in taken), sum(each.duplicates for each in taken)
    if there.offsets > records:
        yield "doubled offsets", f"rows of {there.offsets} offsets, but {records} records were consumed"
    if records - there.offsets > erased and not duplicates:
        gaps = _minus(_joined((each.first, each.next) for each in taken), there.runs)
        yield "missing offsets", f"{records - there.offsets} of {records} records have no row, among {_shown(gaps)}"
    counted = [each.events for each in taken if each.events is not None]
    if erased:
        return  # a manifest says how many rows it erased, not of which partitions: all of them are counted together
    if taken and len(counted) == len(taken) and there.rows + duplicates != sum(counted):
        yield "wrong count", f"{there.rows} rows and {duplicates} duplicates of {sum(counted)} events"


def _erased(
    consumed: Mapping[int, list[OffsetRange]], coverage: Mapping[int, Coverage], erased: int
) -> Iterator[tuple[str, str]]:
    """Over all partitions just as many rows are gone as were erased; fewer tell of rows that should be gone."""
    taken = [each for ranges in consumed.values() for each in ranges]
    rows = sum(there.rows for there in coverage.values())
    offsets = sum(there.offsets for there in coverage.values())
    records, duplicates = sum(each.records for each in taken), sum(each.duplicates for each in taken)
    if records - offsets > erased and not duplicates:
        yield "missing offsets", f"{records - offsets} of {records} records have no row, but {erased} rows were erased"
    counted = [each.events for each in taken if each.events is not None]
    if len(counted) == len(taken) and rows + duplicates + erased != sum(counted):
        text = f"{rows} rows, {duplicates} duplicates and {erased} erased of {sum(counted)} events"
        yield "wrong count", text


def _joined(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The same offsets as ranges in order that do not touch."""
    whole: list[tuple[int, int]] = []
    for first, following in sorted(ranges):
        if whole and first <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(whole[-1][1], following))
        else:
            whole.append((first, following))
    return tuple(whole)


def _minus(these: Iterable[tuple[int, int]], those: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Offsets in these ranges that are in none of those; all in order."""
    left = list(these)
    for first, following in those:
        cut = []
        for begin, end in left:
            cut += [(begin, min(end, first)), (max(begin, following), end)]
        left = [(begin, end) for begin, end in cut if begin < end]
    return left


def _shown(ranges: list[tuple[int, int]]) -> str:
    shown = ", ".join(f"{first} … {following - 1}" for first, following in ranges[:SHOWN_MAX])
    return shown + (", …" if len(ranges) > SHOWN_MAX else "")
