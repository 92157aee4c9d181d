"""The pure rules of committing."""

from datetime import date
from typing import Any

import msgspec
import pytest

from eyeshot.commit_log import (
    MANIFEST_BYTES_MAX,
    DataFile,
    Draft,
    Manifest,
    OffsetRange,
    RecreatedTopic,
    UnknownSchema,
    decode,
    encode,
    read,
    still_mine,
    successor,
)


def data_file(**changes: Any) -> DataFile:
    file = DataFile(
        table="events",
        key="events/year=2025/month=11/day=25/a.parquet",
        day=date(2025, 11, 25),
        upload_id="u",
        part_etags=("e1",),
        rows=1,
        bytes=10,
        record_time_min=1,
        record_time_max=2,
    )
    return msgspec.structs.replace(file, **changes)


def commit(tip: Manifest | None, consumed: dict[int, tuple[int, int]], **changes: Any) -> Manifest:
    ranges = [OffsetRange(partition=number, first=first, next=after) for number, (first, after) in consumed.items()]
    arguments: dict[str, Any] = {"nonce": "n", "topic": "events", "topic_id": "t", "created_at": 1, "reason": "age"}
    published_through = changes.pop("published_through", -1)
    draft = Draft(**(arguments | {"consumed": tuple(ranges)} | changes))
    return successor(read(encode(tip)) if tip else None, draft, published_through)


def test_the_first_manifest_is_number_0_and_next_offsets_are_cumulative():
    first = commit(None, {0: (0, 5), 1: (0, 7)})
    second = commit(first, {1: (7, 9)})
    assert (first.sequence, second.sequence) == (0, 1)
    assert second.next_offsets == {0: 5, 1: 9}


def test_a_manifest_survives_its_encoding():
    manifest = commit(None, {3: (0, 5)}, files=(data_file(),))
    assert decode(encode(manifest)) == manifest


def test_a_newer_schema_is_refused():
    newer = msgspec.json.encode({"schema_version": 3, "unheard_of": True})
    with pytest.raises(UnknownSchema, match="version 3; this Eyeshot knows 2"):
        decode(newer)


def test_a_recreated_topic_is_refused():
    with pytest.raises(RecreatedTopic, match="deleted and created again"):
        commit(commit(None, {0: (0, 5)}), {0: (5, 6)}, topic_id="another")


def test_a_winner_that_left_my_partitions_alone_lets_me_rebase():
    tip = commit(None, {0: (0, 5), 1: (0, 5)})
    mine = [OffsetRange(partition=0, first=5, next=8)]
    assert still_mine(commit(tip, {1: (5, 6)}), mine)
    assert not still_mine(commit(tip, {0: (5, 6)}), mine)
    assert still_mine(commit(tip, {1: (5, 6)}), [OffsetRange(partition=9, first=0, next=3)])


def test_a_manifest_too_large_for_an_exact_put_is_refused():
    room = MANIFEST_BYTES_MAX - len(encode(commit(None, {0: (0, 1)}, nonce="")))
    assert len(encode(commit(None, {0: (0, 1)}, nonce="n" * room))) == MANIFEST_BYTES_MAX
    with pytest.raises(ValueError, match="at most 262144"):
        encode(commit(None, {0: (0, 1)}, nonce="n" * (room + 1)))


def test_a_hot_file_is_written_as_before_there_were_tiers_and_read_as_hot():
    body = encode(commit(None, {0: (0, 5)}, files=(data_file(),)))
    assert b"tier" not in body
    assert decode(body).files[0].tier == "hot"
    cold = encode(commit(None, {0: (0, 5)}, files=(data_file(tier="cold"),)))
    assert decode(cold).files[0].tier == "cold"
