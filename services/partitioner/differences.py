"""The log's places, the metastore's partitions and the listing in; every difference, in words, out. Pure."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Literal, NamedTuple

from eyeshot.table import PARTITION_KEYS, REWRITTEN_PREFIX, TABLE_NAMES, Slot
from eyeshot.tier import Address
from services.partitioner import core
from services.partitioner.core import Registered
from services.partitioner.places import Place, Places, own_location, whole

Mend = Literal["register", "swap", "drop"]
HEAD = ("difference", "where", "there is", "there should be")
REWRITING = re.compile(rf"{REWRITTEN_PREFIX}({'|'.join(TABLE_NAMES)})/year=\d{{4}}/month=\d\d/day=\d\d/[^/]+/[^/]+")
LOOSE_KEY = re.compile(r"([A-Za-z]+)=0*(\d+)")


class Difference(NamedTuple):
    """What is not as the log says, and what would mend it in the metastore; None: that is not for us to mend."""

    kind: str
    where: str
    there: str
    wanted: str
    table: str = ""
    name: str = ""
    mend: Mend | None = None


def differences(
    places: Places,
    partitions: Mapping[str, Mapping[str, Registered]],
    objects: Collection[Address],
    today: date,
) -> list[Difference]:
    """All of them. `partitions` by table and name; `objects` are those under the data prefixes."""
    of_tables = (_of_table(table, partitions.get(table, {}), places, today) for table in TABLE_NAMES)
    return [*(each for some in of_tables for each in some), *_missing_files(places, objects), *_strays(places, objects)]


def render(found: Iterable[Difference]) -> str:
    """A table with a row for each."""
    lines = [HEAD, *((each.kind, each.where, each.there, each.wanted) for each in found)]
    widths = [max(len(line[number]) for line in lines) for number in range(len(HEAD))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


def _of_table(table: str, there: Mapping[str, Registered], places: Places, today: date) -> Iterator[Difference]:
    around = core.days_around(today)
    days = {slot.day for slot in places.days.keys() | around if slot.table == table}
    names = {core.partition_name(day) for day in days}
    for name in sorted(names | there.keys()):
        day = core.day_of_name(name)
        place = core.wanted(Slot(table, day), places.days, around, places.bucket) if day else None
        is_there = there.get(name)
        if place:
            found = _difference(place, is_there)
        else:
            found = _surplus(table, name, is_there, places, today) if is_there else None
        if found:
            yield Difference(found[0], f"{table} {name}", found[1], found[2], table, name, found[3])


def _difference(place: Place, there: Registered | None) -> tuple[str, str, str, Mend] | None:
    if there is None:
        return "missing partition", "nothing", str(place.location), "register"
    if there.location != place.location:
        return "wrong location", there.location, str(place.location), "swap"
    if not core.agree(place, there):
        return "stale parameters", _parameters(there.manifest, there.located_at), _parameters(place.manifest), "swap"
    return None


def _surplus(
    table: str, name: str, there: Registered, places: Places, today: date
) -> tuple[str, str, str, Mend] | None:
    day = core.day_of_name(name)
    if day is None:
        return ("case or padding variant" if loose(name) else "extra partition"), there.location, "nothing", "drop"
    slot = Slot(table, day)
    prepared = there == Registered(own_location(slot, places.bucket)) and day >= today - timedelta(days=2)
    return None if prepared and slot not in places.days else ("extra partition", there.location, "nothing", "drop")


def _parameters(manifest: int | None, located_at: int | None = None) -> str:
    if manifest is None:
        return "no manifest"
    return f"manifest {manifest}, located_at {located_at}" if located_at is not None else f"manifest {manifest}"


def _missing_files(places: Places, objects: Collection[Address]) -> Iterator[Difference]:
    for slot in places.live.days():
        files = [file.address for file in places.live.files(slot)]
        missing = [address for address in files if address not in objects]
        if missing:
            text = f"{len(missing)} of {len(files)} files are missing, such as {whole(missing[0], places.bucket)}"
            yield Difference(
                "missing file", f"{slot.table} {core.partition_name(slot.day)}", text, "make audit tells more"
            )


def _strays(places: Places, objects: Collection[Address]) -> Iterator[Difference]:
    """Objects that no manifest names, by folder; a rewriting that nobody committed yet is the keeper's."""
    live = {file.address for slot in places.live.days() for file in places.live.files(slot)}
    named = live | {Address(taken.tier, key) for key, taken in places.taken_out.items()}
    keys = {address.key for address in live}
    folders: dict[str, list[str]] = {}
    for address in sorted(set(objects) - named):
        if address.key in keys or not REWRITING.fullmatch(address.key):
            folders.setdefault(whole(address, places.bucket).rpartition("/")[0], []).append(address.key)
    for folder, strays in sorted(folders.items()):
        meant = loose(folder)
        kind = "case or padding variant" if meant and meant not in folder else "stray object"
        text = (
            f"{len(strays)} objects that no manifest names, such as {strays[0].rpartition('/')[2] or 'a folder marker'}"
        )
        yield Difference(kind, folder, text, "nothing; never deleted here")


def loose(folder: str) -> str | None:
    """The partition's name that a folder or a name means, whatever its case and zeros; None when it means none."""
    found = LOOSE_KEY.findall(folder)
    if [key.lower() for key, _ in found] != list(PARTITION_KEYS):
        return None
    try:
        return core.partition_name(date(*(int(value) for _, value in found)))
    except ValueError:
        return None
