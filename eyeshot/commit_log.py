"""The table's commit log: what a manifest says, and the rules of committing, without I/O (design, section 5)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

import msgspec

SCHEMA_VERSION = 1
MANIFEST_BYTES_MAX = 256 * 1024  # conditional writes above this are not exact on every store

CutReason = Literal["size", "age", "shutdown", "revoked"]


class UnknownSchema(Exception):
    """A manifest of a newer Eyeshot: it must not be built upon."""


class RecreatedTopic(Exception):
    """The log belongs to another topic than the one consumed: their offsets must not be mixed."""


class DataFile(msgspec.Struct, frozen=True, kw_only=True):
    """A Parquet file that the commit makes exist. Times are epoch ms of the Kafka records."""

    table: str
    key: str
    day: date
    upload_id: str
    part_etags: tuple[str, ...]
    rows: int
    bytes: int
    record_time_min: int
    record_time_max: int


class OffsetRange(msgspec.Struct, frozen=True, kw_only=True):
    """Offsets of one Kafka partition that this commit consumed: `first` … `next` - 1."""

    partition: int
    first: int
    next: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """One commit. `next_offsets` is cumulative and names every partition the log ever consumed."""

    schema_version: int = SCHEMA_VERSION
    sequence: int
    kind: Literal["append"] = "append"
    nonce: str
    topic: str
    topic_id: str
    created_at: int
    reason: CutReason
    next_offsets: dict[int, int]
    consumed: tuple[OffsetRange, ...]
    files: tuple[DataFile, ...]


def encode(manifest: Manifest) -> bytes:
    """The bytes of a manifest. Raises ValueError when they are too many for an exact conditional write."""
    body = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    if len(body) > MANIFEST_BYTES_MAX:
        raise ValueError(f"manifest {manifest.sequence} has {len(body)} bytes; at most {MANIFEST_BYTES_MAX} are exact")
    return body


def decode(body: bytes) -> Manifest:
    """Read a manifest. Raises UnknownSchema when a newer Eyeshot wrote it."""
    version = msgspec.json.decode(body, type=_Version).schema_version
    if version > SCHEMA_VERSION:
        raise UnknownSchema(f"manifest has schema version {version}; this Eyeshot knows {SCHEMA_VERSION}")
    return msgspec.json.decode(body, type=Manifest)


def successor(
    tip: Manifest | None,
    *,
    nonce: str,
    topic: str,
    topic_id: str,
    created_at: int,
    reason: CutReason,
    consumed: Sequence[OffsetRange],
    files: Sequence[DataFile],
) -> Manifest:
    """The manifest that commits `files` on top of `tip`. Raises RecreatedTopic when the topic is another one."""
    if tip is not None:
        check_topic(tip, topic_id)
    return Manifest(
        sequence=tip.sequence + 1 if tip else 0,
        nonce=nonce,
        topic=topic,
        topic_id=topic_id,
        created_at=created_at,
        reason=reason,
        next_offsets={
            **next_offsets(tip),
            **{taken.partition: taken.next for taken in consumed},
        },
        consumed=tuple(consumed),
        files=tuple(files),
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


def still_mine(winner: Manifest, consumed: Sequence[OffsetRange]) -> bool:
    """Whether I may commit on top of the manifest that took my place: it must have left my partitions alone."""
    offsets: Mapping[int, int] = winner.next_offsets
    return all(offsets.get(taken.partition, taken.first) == taken.first for taken in consumed)


class _Version(msgspec.Struct):
    schema_version: int
