"""The log's bytes in; what is in the table, and what is wrong with the log itself, out. Pure."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from eyeshot.commit_log import Entry, Manifest, OffsetRange, UnknownSchema, read, takes_out
from eyeshot.table import manifest_key, manifest_sequence
from services.audit.core import Chain, Fault, Live

SAME_ROWS = frozenset({"merge", "tier", "erase"})  # but for the rows that an erase says it left out


def read_chain(bodies: Mapping[str, bytes], hint: bytes | None) -> Chain:
    """Read and check the log: nothing edited, nothing missing, every offset consumed once and in order."""
    faults: list[Fault] = []
    entries = list(_entries(bodies, faults))
    faults += _missing(entries, _hinted(hint), bodies)
    faults += _edited(entries, _hinted(hint))
    faults += _offsets(entries)
    faults += [fault for entry in entries for check in (_lost, _erased, _events) for fault in check(entry.manifest)]
    live, taken_out = _replay(entries, faults)
    manifests = {entry.manifest.sequence: entry.manifest for entry in entries}
    removed = {key: manifests[number] for number, keys in taken_out.items() for key in keys}
    return Chain(entries, live, removed, taken_out, faults)


def _entries(bodies: Mapping[str, bytes], faults: list[Fault]) -> Iterator[Entry]:
    for key, body in sorted(bodies.items()):
        sequence = manifest_sequence(key)
        if sequence is None:
            faults.append(Fault("stray object", key, "it is no manifest"))
            continue
        try:
            entry = read(body)
        except (msgspec.MsgspecError, UnknownSchema) as error:
            faults.append(Fault("edited manifest", key, f"it cannot be read: {error}"))
            continue
        if entry.manifest.sequence == sequence:
            yield entry
        else:
            faults.append(Fault("edited manifest", key, f"it says that its number is {entry.manifest.sequence}"))


class _Hint(msgspec.Struct):
    sequence: int
    sha256: str


def _hinted(hint: bytes | None) -> _Hint | None:
    try:
        return msgspec.json.decode(hint or b"", type=_Hint)
    except msgspec.MsgspecError:
        return None  # a damaged hint proves nothing, for or against


def _missing(entries: list[Entry], hint: _Hint | None, bodies: Mapping[str, bytes]) -> Iterator[Fault]:
    """Numbers that must have been written: all below the newest that is there, and up to what the hint has seen."""
    last = max([entry.manifest.sequence for entry in entries] + ([hint.sequence] if hint else []), default=-1)
    for number in range(last + 1):
        if manifest_key(number) not in bodies:
            yield Fault("missing manifest", manifest_key(number), "its number was written, but there is no such object")


def _edited(entries: list[Entry], hint: _Hint | None) -> Iterator[Fault]:
    """Bytes that are not those which the next manifest, or the hint, was written upon."""
    expected = {entry.manifest.sequence - 1: entry.manifest.previous for entry in entries}
    if hint:
        expected.setdefault(hint.sequence, hint.sha256)
    for entry in entries:
        number = entry.manifest.sequence
        if expected.get(number, entry.sha256) != entry.sha256:
            yield Fault("edited manifest", manifest_key(number), "its bytes are not those that were committed")


def _offsets(entries: Iterable[Entry]) -> Iterator[Fault]:
    """Every commit goes on exactly where the one before left each partition."""
    following: dict[int, int] = {}
    topic_ids: set[str] = set()
    for manifest, _ in entries:
        key = manifest_key(manifest.sequence)
        topic_ids.add(manifest.topic_id)
        if len(topic_ids) > 1:
            yield Fault("edited manifest", key, f"its topic id is {manifest.topic_id}, not that of the log before it")
        for taken in manifest.consumed:
            yield from _continues(key, taken, following.get(taken.partition, taken.first))
            following[taken.partition] = taken.next
        if manifest.next_offsets != following:
            yield Fault("edited manifest", key, f"it goes on at {manifest.next_offsets}, the log at {following}")


def _continues(key: str, taken: OffsetRange, expected: int) -> Iterator[Fault]:
    if taken.first > expected:
        text = f"partition {taken.partition}: no manifest consumed the offsets {expected} … {taken.first - 1}"
        yield Fault("missing offsets", key, text)
    if taken.first < expected:
        text = f"partition {taken.partition}: the offsets {taken.first} … {expected - 1} are consumed twice"
        yield Fault("doubled offsets", key, text)
    if not 0 <= taken.records <= taken.next - taken.first:
        text = f"partition {taken.partition}: {taken.records} records in {taken.next - taken.first} offsets"
        yield Fault("edited manifest", key, text)


def _lost(manifest: Manifest) -> Iterator[Fault]:
    """What the pipeline itself says is gone for ever."""
    for gone in manifest.lost:
        text = (
            f"partition {gone.partition}: Kafka no longer had {gone.records} records of {gone.first} … {gone.next - 1}"
        )
        yield Fault("lost offsets", manifest_key(manifest.sequence), text)


def _erased(manifest: Manifest) -> Iterator[Fault]:
    """Rows vanish by an erase alone, and an erase consumes nothing."""
    if manifest.erased and (manifest.kind != "erase" or manifest.erased < 0 or manifest.consumed):
        text = f"a {manifest.kind} that consumed {len(manifest.consumed)} ranges erased {manifest.erased} rows"
        yield Fault("edited manifest", manifest_key(manifest.sequence), text)


def _events(manifest: Manifest) -> Iterator[Fault]:
    """Stored + rejected + duplicate = found in the records, where they were counted."""
    counted = [taken.events for taken in manifest.consumed if taken.events is not None]
    if not counted or len(counted) < len(manifest.consumed):
        return
    rows = sum(file.rows for file in manifest.files)
    duplicates = sum(taken.duplicates for taken in manifest.consumed)
    if rows + duplicates != sum(counted):
        text = f"{rows} rows and {duplicates} duplicates, but its records held {sum(counted)} events"
        yield Fault("wrong count", manifest_key(manifest.sequence), text)


def _replay(entries: Iterable[Entry], faults: list[Fault]) -> tuple[dict[str, Live], dict[int, tuple[str, ...]]]:
    """What is in the table at the end, and the keys that each manifest took out of it."""
    live: dict[str, Live] = {}
    taken_out: dict[int, tuple[str, ...]] = {}
    for manifest, _ in entries:
        faults += _takes_what_is_not_there(manifest, live)
        gone = _taken_out(manifest, live)
        rows_out = sum(live.pop(key).file.rows for key in gone)
        if gone:
            taken_out[manifest.sequence] = gone
        live |= {file.key: Live(file, manifest) for file in manifest.files}
        rows_in = sum(file.rows for file in manifest.files)
        if manifest.kind in SAME_ROWS and rows_in + manifest.erased != rows_out:
            text = f"a {manifest.kind} of {rows_out} rows into {rows_in}, and {manifest.erased} erased"
            faults.append(Fault("wrong count", manifest_key(manifest.sequence), text))
    return live, taken_out


def _takes_what_is_not_there(manifest: Manifest, live: Mapping[str, Live]) -> Iterator[Fault]:
    for key in manifest.removed:
        if key not in live:
            yield Fault("edited manifest", manifest_key(manifest.sequence), f"it removes {key}, not in use")


def _taken_out(manifest: Manifest, live: Mapping[str, Live]) -> tuple[str, ...]:
    if not (manifest.removed or manifest.replaced):
        return ()  # as in nearly every manifest, and there are many files
    return tuple(key for key, (file, by) in live.items() if takes_out(manifest, file, by.sequence))
