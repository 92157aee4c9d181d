"""What a data file says of itself in its Parquet footer, so that a copy, a move or another commit's file is known."""

from collections.abc import Iterable, Mapping

import msgspec

from eyeshot.commit_log import OffsetRange

FOOTER_KEY = "eyeshot"


class Footer(msgspec.Struct, frozen=True, kw_only=True):
    """Where the file was written to, by which commit, and from what. Times are epoch ms of the Kafka records."""

    key: str
    commit: str
    topic_id: str
    offsets: dict[int, tuple[int, int]]
    record_time_min: int
    record_time_max: int


def offsets_of(ranges: Iterable[OffsetRange]) -> dict[int, tuple[int, int]]:
    """Kafka partition → (first, next) of what a commit consumed or read again."""
    return {taken.partition: (taken.first, taken.next) for taken in ranges}


def encode(footer: Footer) -> dict[str, str]:
    """Key-value metadata for a Parquet file."""
    return {FOOTER_KEY: msgspec.json.encode(footer).decode()}


def decode(metadata: Mapping[bytes, bytes]) -> Footer | None:
    """The footer in a Parquet file's key-value metadata, None when there is none."""
    body = metadata.get(FOOTER_KEY.encode())
    return msgspec.json.decode(body, type=Footer) if body else None
