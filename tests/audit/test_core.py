"""What the log alone gives away, and what the rows give away."""

from typing import Any

import msgspec
import pytest

from eyeshot.commit_log import Draft, Entry, Manifest, OffsetRange, encode, read, successor
from eyeshot.table import manifest_key
from services.audit.chain import read_chain
from services.audit.core import Coverage, Fault
from services.audit.deep import Group, check_rows, groups
from services.audit.objects import composed_etag
from tests.unit.test_commit_log import data_file


def taken(partition: int, first: int, following: int, **changes: Any) -> OffsetRange:
    given = OffsetRange(partition=partition, first=first, next=following, records=following - first)
    return msgspec.structs.replace(given, **changes)


def log_of(*drafts: dict[str, Any]) -> dict[str, bytes]:
    """The bytes of a log with these commits."""
    tip: Entry | None = None
    bodies = {}
    for number, changes in enumerate(drafts):
        fixed: dict[str, Any] = {"topic": "events", "topic_id": "t", "created_at": 1, "reason": "age"}
        manifest = successor(tip, Draft(**(fixed | {"nonce": f"n{number}"} | changes)), -1)
        bodies[manifest_key(number)] = encode(manifest)
        tip = read(bodies[manifest_key(number)])
    return bodies


def kinds(*drafts: dict[str, Any]) -> list[str]:
    return [fault.kind for fault in read_chain(log_of(*drafts), None).faults]


def test_a_log_without_faults_has_none():
    first = {"consumed": (taken(0, 0, 5), taken(1, 7, 9)), "files": (data_file(),)}
    assert kinds(first, {"consumed": (taken(0, 5, 6),)}) == []
    assert kinds() == []


@pytest.mark.parametrize(
    ("second", "kind"),
    [
        ({"consumed": (taken(0, 6, 8),)}, "missing offsets"),
        ({"consumed": (taken(0, 4, 8),)}, "doubled offsets"),
        ({"consumed": (taken(0, 5, 8, records=4),)}, "edited manifest"),
        ({"topic_id": "another"}, None),
        ({"consumed": (taken(0, 5, 8),), "lost": (taken(0, 5, 6),)}, "lost offsets"),
        ({"consumed": (taken(0, 5, 8, events=3),), "files": (data_file(key="b", rows=2),)}, "wrong count"),
        ({"kind": "merge", "removed": ("a",), "files": (data_file(key="b", rows=2),)}, "wrong count"),
        ({"kind": "erase", "removed": ("a",), "erased": 2}, "wrong count"),
        ({"kind": "erase", "removed": ("a",)}, "wrong count"),
        ({"kind": "merge", "removed": ("a",), "erased": 1}, "edited manifest"),
        ({"kind": "merge", "removed": ("unknown",)}, "edited manifest"),
    ],
)
def test_the_log_alone_gives_it_away(second: dict[str, Any], kind: str | None):
    first = {"consumed": (taken(0, 0, 5),), "files": (data_file(key="a", rows=1),)}
    if kind is None:
        with pytest.raises(Exception, match="deleted and created again"):
            kinds(first, second)
    else:
        assert kind in kinds(first, second)


def test_stored_and_rejected_and_duplicate_are_all_that_was_found():
    files = (data_file(key="a", rows=6), data_file(table="rejected", key="r", rows=1))
    whole = {"consumed": (taken(0, 0, 5, events=9, duplicates=2),), "files": files}
    assert kinds(whole) == []


def test_a_hint_that_is_behind_is_no_fault():
    bodies = log_of({"consumed": (taken(0, 0, 5),)}, {"consumed": (taken(0, 5, 6),)})
    first = read(bodies[manifest_key(0)])
    hint = msgspec.json.encode({"sequence": 0, "sha256": first.sha256})
    assert read_chain(bodies, hint).faults == []
    assert read_chain(bodies, b"garbage").faults == []


def rows_of(consumed: OffsetRange, coverage: dict[int, Coverage]) -> list[str]:
    group = Group()
    group.manifests = [manifest_of(consumed=(consumed,))]
    return [fault.kind for fault in check_rows(group, coverage)]


def manifest_of(**changes: Any) -> Manifest:
    return read(log_of(changes)[manifest_key(0)]).manifest


@pytest.mark.parametrize(
    ("consumed", "coverage", "found"),
    [
        (taken(0, 5, 9), {0: Coverage(8, ((5, 9),), ())}, []),
        (taken(0, 5, 9), {0: Coverage(6, ((5, 7), (8, 9)), ())}, ["missing offsets"]),
        (taken(0, 5, 9), {}, ["missing offsets"]),
        (taken(0, 5, 9, records=3), {0: Coverage(6, ((5, 7), (8, 9)), ())}, []),
        (taken(0, 5, 9), {0: Coverage(9, ((5, 9),), ((6, 0),))}, ["doubled rows"]),
        (taken(0, 5, 9, records=3), {0: Coverage(9, ((5, 9),), ())}, ["doubled offsets"]),
        (taken(0, 5, 9), {0: Coverage(9, ((4, 8),), ())}, ["doubled offsets"]),
        (taken(0, 5, 9), {0: Coverage(4, ((5, 9),), ()), 3: Coverage(1, ((0, 1),), ())}, ["doubled offsets"] * 2),
        (taken(0, 5, 9, events=9), {0: Coverage(8, ((5, 9),), ())}, ["wrong count"]),
        (taken(0, 5, 9, events=8, duplicates=4), {0: Coverage(4, ((5, 7),), ())}, []),
    ],
)
def test_the_rows_give_it_away(consumed: OffsetRange, coverage: dict[int, Coverage], found: list[str]):
    assert rows_of(consumed, coverage) == found


def test_a_missing_offset_is_named():
    group = Group()
    group.manifests = [manifest_of(consumed=(taken(0, 5, 9),))]
    (fault,) = check_rows(group, {0: Coverage(6, ((5, 7), (8, 9)), ())})
    assert fault == Fault("missing offsets", manifest_key(0), "partition 0: 1 of 4 records have no row, among 7 … 7")


def test_a_repair_and_a_merge_tie_commits_together():
    bodies = log_of(
        {"files": (data_file(key="a"),)},
        {"files": (data_file(key="b"), data_file(key="c"))},
        {"kind": "repair", "removed": ("b",), "files": (data_file(key="b2"),)},
        {"files": (data_file(key="d"),)},
        {"kind": "merge", "removed": ("a", "b2"), "files": (data_file(key="ab", rows=2),)},
    )
    chain = read_chain(bodies, None)
    assert chain.faults == []
    assert [(sorted(each.sequence for each in group.manifests), sorted(group.keys)) for group in groups(chain)] == [
        ([3], ["d"]),
        ([0, 1, 2, 4], ["ab", "c"]),
    ]


def test_an_erase_may_take_the_rows_that_it_says():
    first = {"consumed": (taken(0, 0, 5),), "files": (data_file(key="a", rows=3),)}
    erase = {"kind": "erase", "removed": ("a",), "files": (data_file(key="b", rows=1),), "erased": 2}
    assert kinds(first, erase) == []


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ({0: 2, 1: 1}, []),
        ({0: 1, 1: 2}, []),  # a manifest does not say of which partition the rows were
        ({0: 3, 1: 1}, ["wrong count"]),  # one that was erased is there
        ({0: 1, 1: 1}, ["missing offsets", "wrong count"]),  # one more is gone
        ({0: 2}, ["missing offsets", "wrong count"]),
    ],
)
def test_just_as_many_rows_are_gone_as_were_erased(rows: dict[int, int], found: list[str]):
    group = Group()
    consumed = (taken(0, 0, 3, events=3), taken(1, 0, 2, events=2))
    group.manifests = [manifest_of(consumed=consumed), manifest_of(kind="erase", erased=2)]
    coverage = {partition: Coverage(rows=number, runs=((0, number),), doubled=()) for partition, number in rows.items()}
    assert sorted({fault.kind for fault in check_rows(group, coverage)}) == found


def test_the_etag_of_an_object_follows_from_those_of_its_parts():
    part = '"d41d8cd98f00b204e9800998ecf8427e"'
    assert composed_etag((part,)) == "59adb24ef3cdbe0297f05b395827453f-1"
    assert composed_etag(("not an md5",)) is None
