"""What the log says is in the table, the listing and the files' footers in; what does not agree out. Pure."""

from collections.abc import Collection, Iterator, Mapping
from hashlib import md5
from zoneinfo import ZoneInfo

from eyeshot.commit_log import DataFile, Manifest
from eyeshot.footer import offsets_of
from eyeshot.table import REWRITTEN_PREFIX, day_of, manifest_key, partition_prefix
from eyeshot.tier import Address
from services.audit.core import Chain, Fault, LakeObject, Live, ParquetFacts, Span

SEEN_TWICE = frozenset({"repair"})  # what these removed lies in the table's own folder, where queries see it
HEX_MD5_LENGTH = 32


def in_place(chain: Chain, objects: Mapping[Address, LakeObject]) -> dict[str, LakeObject]:
    """The objects by their keys; of a file of the table only the one in its own tier."""
    live = chain.live
    return {at.key: there for at, there in objects.items() if at.key not in live or live[at.key].file.address == at}


def check_tiers(chain: Chain, addresses: Collection[Address]) -> Iterator[Fault]:
    """No file of the table lies in another tier than its own."""
    for at in sorted(addresses):
        live = chain.live.get(at.key)
        if live and live.file.tier != at.tier:
            where = f"it is in the {at.tier} tier, where no query looks"
            text = f"{where}: {manifest_key(live.manifest.sequence)} put it in the {live.file.tier} one"
            yield Fault("wrong tier", at.key, text)


def check_listing(chain: Chain, listed: Mapping[str, LakeObject]) -> Iterator[Fault]:
    """Every file is there, whole, and under the day of its records."""
    for key, (file, manifest) in sorted(chain.live.items()):
        yield from _day(file, manifest)
        there = listed.get(key)
        if there is None:
            yield Fault("deleted object", key, f"{manifest_key(manifest.sequence)} committed it with {file.rows} rows")
        elif there.size != file.bytes:
            kind = "truncated object" if there.size < file.bytes else "altered object"
            yield Fault(kind, key, f"it has {there.size} bytes, {file.bytes} were committed")
        elif (etag := composed_etag(file.part_etags)) and etag != there.etag:
            yield Fault("altered object", key, f"its ETag is {there.etag}, that of the committed parts {etag}")


def to_read(chain: Chain, listed: Mapping[str, LakeObject]) -> list[LakeObject]:
    """The objects whose footers tell something: not what was replaced or is no file yet, which may vanish meanwhile."""
    return [there for key, there in listed.items() if key in chain.live or not _may_vanish(chain, key)]


def _may_vanish(chain: Chain, key: str) -> bool:
    return key in chain.removed or key.startswith(REWRITTEN_PREFIX)


def check_strays(
    chain: Chain, listed: Mapping[str, LakeObject], facts: Mapping[str, ParquetFacts | str]
) -> Iterator[Fault]:
    """No object is in a table's folder that the log does not put there."""
    for key in sorted(listed.keys() - chain.live.keys()):
        remover = chain.removed.get(key)
        if remover is None and key.startswith(REWRITTEN_PREFIX):
            continue  # a rewriting that was not committed, or not yet: no query looks there
        if remover is None:
            yield _stray(key, listed, facts.get(key))
        elif remover.kind in SEEN_TWICE:
            text = f"{manifest_key(remover.sequence)} replaced it, so that its rows are there twice"
            yield Fault("duplicated object", key, text)


def _stray(key: str, listed: Mapping[str, LakeObject], facts: ParquetFacts | str | None) -> Fault:
    if not isinstance(facts, ParquetFacts) or facts.footer is None or facts.footer.key == key:
        return Fault("stray object", key, "no manifest names it")
    home = facts.footer.key
    if home in listed:
        return Fault("duplicated object", key, f"it is a copy of {home}")
    return Fault("wrong day", key, f"it was moved here from {home}")


def check_footers(chain: Chain, facts: Mapping[str, ParquetFacts | str]) -> Iterator[Fault]:
    """Each file says of itself what its manifest says of it."""
    for key, found in sorted(facts.items()):
        if key not in chain.live:
            continue
        if isinstance(found, str):
            yield Fault("truncated object", key, f"it is no whole Parquet file: {found}")
        else:
            yield from _footer(chain.live[key], found)


def _footer(live: Live, facts: ParquetFacts) -> Iterator[Fault]:
    file, manifest = live
    if facts.rows != file.rows:
        yield Fault("altered object", file.key, f"it has {facts.rows} rows, {file.rows} were committed")
    if facts.footer is None:
        yield Fault("altered object", file.key, "its footer does not say where it comes from")
        return
    footer, ranges = facts.footer, offsets_of(manifest.consumed or manifest.rebuilt_from)
    if footer.key != file.key or footer.commit != manifest.nonce:
        text = f"its footer says {footer.key} of commit {footer.commit}, not of {manifest.nonce}"
        yield Fault("altered object", file.key, text)
    elif manifest.kind not in ("append", "repair"):
        pass  # a rewriting says of its rows only that they are those of the files before it
    elif (footer.topic_id, footer.offsets) != (manifest.topic_id, ranges):
        text = f"it says {ranges}, but its file {file.key} was written from {footer.offsets}"
        yield Fault("edited manifest", manifest_key(manifest.sequence), text)
    if (footer.record_time_min, footer.record_time_max) != (file.record_time_min, file.record_time_max):
        text = f"the times of {file.key} are not those in the file's footer"
        yield Fault("edited manifest", manifest_key(manifest.sequence), text)
    if ranges and not (
        _within(facts.partitions, Span(min(ranges, default=0), max(ranges, default=0))) and _offsets(facts, ranges)
    ):
        text = f"it holds rows of offsets {facts.offsets}, outside what its commit consumed: {ranges}"
        yield Fault("altered object", file.key, text)


def _offsets(facts: ParquetFacts, ranges: Mapping[int, tuple[int, int]]) -> bool:
    if not ranges:
        return True
    firsts, nexts = zip(*ranges.values(), strict=True)
    return _within(facts.offsets, Span(min(firsts), max(nexts) - 1))


def _within(span: Span | None, bounds: Span) -> bool:
    return span is None or (bounds.least <= span.least and span.most <= bounds.most)


def _day(file: DataFile, manifest: Manifest) -> Iterator[Fault]:
    if not file.key.removeprefix(REWRITTEN_PREFIX).startswith(partition_prefix(file.table, file.day)):
        yield Fault("wrong day", file.key, f"its manifest says {file.table} of {file.day}")
    zone = ZoneInfo(manifest.time_zone)
    days = {day_of(time, zone) for time in (file.record_time_min, file.record_time_max)}
    if days != {file.day}:
        text = f"its records are of {' and '.join(str(day) for day in sorted(days))} in {manifest.time_zone}"
        yield Fault("wrong day", file.key, text)


def composed_etag(part_etags: tuple[str, ...]) -> str | None:
    """The ETag that S3 gives an object of these parts; None when they are not MD5s (some encryptions)."""
    digests = [etag.strip('"') for etag in part_etags]
    if any(len(digest) != HEX_MD5_LENGTH for digest in digests):
        return None
    whole = md5(b"".join(bytes.fromhex(digest) for digest in digests), usedforsecurity=False)
    return f"{whole.hexdigest()}-{len(digests)}"
