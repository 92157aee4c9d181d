"""The table's commit log: what a manifest says, and the rules of committing, without I/O (design, section 5)."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple

import msgspec

from eyeshot.tier import Address, Tier

SCHEMA_VERSION = 2
MAPPING_VERSION = 1  # how a record becomes rows: raised when the same record would give other rows
MANIFEST_BYTES_MAX = 256 * 1024  # conditional writes above this are not exact on every store

Kind = Literal["append", "repair", "merge", "tier", "erase", "sweep"]
CutReason = Literal[
    "size", "age", "memory", "shutdown", "revoked", "repair", "merge", "tier", "erase", "retention", "sweep"
]


class UnknownSchema(Exception):
    """A manifest of another schema than this Eyeshot writes: it must not be built upon."""


class RecreatedTopic(Exception):
    """The log belongs to another topic than the one consumed: their offsets must not be mixed."""


class DataFile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A Parquet file that the commit makes exist, in the bucket of its tier. Times are epoch ms of the Kafka records.

    A tier that is hot is left out of the manifest, as in those from before there were tiers.
    """

    table: str
    key: str
    day: date
    upload_id: str
    part_etags: tuple[str, ...]
    rows: int
    bytes: int
    record_time_min: int
    record_time_max: int
    tier: Tier = "hot"

    @property
    def address(self) -> Address:
        """Where it lies."""
        return Address(self.tier, self.key)


class OffsetRange(msgspec.Struct, frozen=True, kw_only=True):
    """Offsets of one Kafka partition: `first` … `next` - 1, and what was found there.

    `records` may be fewer than offsets: Kafka gives none for a transaction's marker or what compaction took.
    `events` = rows stored + rows rejected + `duplicates`, counted where records are read; None when nobody counted.
    `last_time` is the last record's time, epoch ms: what follows in the partition is not older (LogAppendTime).
    """

    partition: int
    first: int
    next: int
    records: int = 0
    duplicates: int = 0
    events: int | None = None
    last_time: int | None = None


class Replaced(msgspec.Struct, frozen=True, kw_only=True):
    """Every file of a day that manifests up to `through` put there: other files hold its rows now, or nothing does."""

    table: str
    day: date
    through: int


class Deduplication(msgspec.Struct, frozen=True, kw_only=True):
    """The window in which an event counts as a duplicate of an earlier one of its Kafka partition.

    `window_ms` before it by record time; and of what is remembered, the last `runs_max` runs of events.
    """

    window_ms: int
    runs_max: int


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A commit without its place in the log; a rebase changes nothing of it."""

    kind: Kind = "append"
    nonce: str
    topic: str
    topic_id: str
    created_at: int
    reason: CutReason
    time_zone: str = "UTC"
    mapping_version: int = MAPPING_VERSION
    consumed: tuple[OffsetRange, ...] = ()
    files: tuple[DataFile, ...] = ()
    removed: tuple[str, ...] = ()  # keys of files that are the table's no more; their uploads are never completed
    replaced: tuple[Replaced, ...] = ()  # the same of whole days: a day may have more files than a manifest can name
    erased: int = 0  # rows of the replaced days that no file holds any more, on purpose
    given_up: tuple[str, ...] = ()  # a sweep: folders of rewritings that must not be committed any more
    rebuilt_from: tuple[OffsetRange, ...] = ()  # a repair: the offsets that were read again
    lost: tuple[OffsetRange, ...] = ()  # offsets that Kafka no longer had: no row of them will ever be there
    deduplication: Deduplication | None = None  # by which duplicates were left out; None: they were not


class Manifest(Draft, frozen=True, kw_only=True):
    """One commit. `next_offsets` is cumulative and names every partition the log ever consumed.

    `previous` is the SHA-256 of the predecessor's bytes: a manifest cannot be edited without a trace.
    `published_through`: every manifest up to this number was published when this one was written.
    """

    schema_version: int = SCHEMA_VERSION
    sequence: int
    previous: str
    published_through: int
    next_offsets: dict[int, int]


class Entry(NamedTuple):
    """A manifest as it lies in the log, and the SHA-256 of its bytes."""

    manifest: Manifest
    sha256: str


def encode(manifest: Manifest) -> bytes:
    """The bytes of a manifest. Raises ValueError when they are too many for an exact conditional write."""
    body = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    if len(body) > MANIFEST_BYTES_MAX:
        raise ValueError(f"manifest {manifest.sequence} has {len(body)} bytes; at most {MANIFEST_BYTES_MAX} are exact")
    return body


def decode(body: bytes) -> Manifest:
    """Read a manifest. Raises UnknownSchema when another Eyeshot wrote it, msgspec.MsgspecError when none did."""
    version = msgspec.json.decode(body, type=_Version).schema_version
    if version != SCHEMA_VERSION:
        older = "; only versions before the first release wrote it: start with an empty bucket"
        raise UnknownSchema(
            f"manifest has schema version {version}; this Eyeshot knows {SCHEMA_VERSION}"
            f"{older if version < SCHEMA_VERSION else ''}"
        )
    return msgspec.json.decode(body, type=Manifest)


def read(body: bytes) -> Entry:
    """A manifest's bytes as an entry of the log. Raises as decode() does."""
    return Entry(decode(body), digest(body))


def digest(body: bytes) -> str:
    """What the next manifest says of this one's bytes."""
    return hashlib.sha256(body).hexdigest()


def successor(tip: Entry | None, draft: Draft, published_through: int) -> Manifest:
    """The manifest that commits the draft on top of the tip. Raises RecreatedTopic when the topic is another one."""
    if tip is not None:
        check_topic(tip.manifest, draft.topic_id)
    return Manifest(
        **msgspec.structs.asdict(draft),
        sequence=tip.manifest.sequence + 1 if tip else 0,
        previous=tip.sha256 if tip else "",
        published_through=published_through,
        next_offsets={
            **next_offsets(tip.manifest if tip else None),
            **{taken.partition: taken.next for taken in draft.consumed},
        },
    )


def takes_out(manifest: Manifest, file: DataFile, committed_by: int) -> bool:
    """Whether this manifest took the file, which the manifest `committed_by` put into the table, out of it."""
    return file.key in manifest.removed or any(
        (gone.table, gone.day) == (file.table, file.day) and committed_by <= gone.through for gone in manifest.replaced
    )


def next_offsets(tip: Manifest | None) -> dict[int, int]:
    """Where each Kafka partition goes on; one that the log does not name starts at its beginning."""
    return dict(tip.next_offsets) if tip else {}


def check_topic(tip: Manifest, topic_id: str) -> None:
    """Raise RecreatedTopic unless the log was written from this very topic."""
    if tip.topic_id != topic_id:
        raise RecreatedTopic(
            f"the log was written from topic {tip.topic} with id {tip.topic_id}, but its id is now {topic_id}: it was"
            " deleted and created again; start a new bucket or restore the topic"
        )


def still_mine(tip: Manifest, consumed: Sequence[OffsetRange]) -> bool:
    """Whether what was consumed goes on exactly where the tip leaves off; else somebody else has committed it."""
    offsets: Mapping[int, int] = tip.next_offsets
    return all(offsets.get(taken.partition, taken.first) == taken.first for taken in consumed)


class _Version(msgspec.Struct):
    schema_version: int
