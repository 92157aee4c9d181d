"""Each disagreement between log, listing and footer is found by itself, and rows are covered as they are."""

import io
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from eyeshot.commit_log import DataFile, Manifest
from eyeshot.footer import Footer
from services.audit import parquet
from services.audit.chain import read_chain
from services.audit.core import Chain, Coverage, LakeObject, ParquetFacts, Span
from services.audit.objects import check_footers, check_listing, check_strays, to_read
from services.audit.report import Report, render
from tests.audit.lakes import InMemory, audited, fill
from tests.audit.test_core import log_of, taken
from tests.builders import NOW_MS
from tests.unit.test_commit_log import data_file

KEY = "events/year=2025/month=11/day=25/a.parquet"


def file(**changes: Any) -> DataFile:
    return data_file(**({"rows": 4, "record_time_min": NOW_MS, "record_time_max": NOW_MS} | changes))


def chain(**changes: Any) -> Chain:
    return read_chain(log_of({"consumed": (taken(0, 5, 9),), "files": (file(**changes),)}), None)


def footer(**changes: Any) -> Footer:
    said = Footer(
        key=KEY, commit="n0", topic_id="t", offsets={0: (5, 9)}, record_time_min=NOW_MS, record_time_max=NOW_MS
    )
    return msgspec.structs.replace(said, **changes)


def facts(said: Footer | None = None, **changes: Any) -> ParquetFacts:
    return ParquetFacts(4, said or footer(), Span(0, 0), Span(5, 8))._replace(**changes)


@pytest.mark.parametrize(
    ("found", "kinds"),
    [
        (facts(), []),
        (facts(partitions=None, offsets=None), []),
        (facts(rows=3), ["altered object"]),
        (facts(footer=None), ["altered object"]),
        (facts(footer(key="events/other.parquet")), ["altered object"]),
        (facts(footer(commit="n1")), ["altered object"]),
        (facts(footer(offsets={0: (5, 8)})), ["edited manifest"]),
        (facts(footer(topic_id="t2")), ["edited manifest"]),
        (facts(footer(record_time_max=NOW_MS + 1)), ["edited manifest"]),
        (facts(partitions=Span(0, 1)), ["altered object"]),
        (facts(offsets=Span(4, 8)), ["altered object"]),
        (facts(offsets=Span(5, 9)), ["altered object"]),
        ("no footer", ["truncated object"]),
    ],
)
def test_what_a_file_says_of_itself_is_held_against_its_manifest(found: ParquetFacts | str, kinds: list[str]):
    assert [fault.kind for fault in check_footers(chain(), {KEY: found})] == kinds


@pytest.mark.parametrize(
    ("committed", "size", "kinds"),
    [
        ({}, 10, []),
        ({}, 9, ["truncated object"]),
        ({}, 11, ["altered object"]),
        ({"table": "rejected"}, 10, ["wrong day"]),
        ({"record_time_max": NOW_MS + 24 * 3_600_000}, 10, ["wrong day"]),
    ],
)
def test_what_is_listed_is_held_against_the_log(committed: dict[str, Any], size: int, kinds: list[str]):
    listed = {KEY: LakeObject(KEY, size, "etag")}
    assert [fault.kind for fault in check_listing(chain(**committed), listed)] == kinds


@pytest.mark.parametrize(("kind", "found"), [("repair", ["duplicated object"]), ("merge", [])])
def test_what_a_repair_replaced_is_seen_twice_and_what_a_merge_replaced_waits_to_be_deleted(
    kind: str, found: list[str]
):
    both = log_of({"files": (file(),)}, {"kind": kind, "removed": (KEY,), "files": (file(key=f"{KEY}.2"),)})
    listed = {KEY: LakeObject(KEY, 10, "etag"), f"{KEY}.2": LakeObject(f"{KEY}.2", 10, "etag")}
    assert [fault.kind for fault in check_strays(read_chain(both, None), listed, {})] == found


def test_what_may_be_deleted_meanwhile_is_not_read():
    both = log_of({"files": (file(),)}, {"kind": "merge", "removed": (KEY,), "files": (file(key=f"{KEY}.2"),)})
    keys = (KEY, f"{KEY}.2", f"{KEY}.3", f"rewritten/{KEY}/under-way/00000.parquet")
    listed = {key: LakeObject(key, 10, "etag") for key in keys}
    assert [there.key for there in to_read(read_chain(both, None), listed)] == [f"{KEY}.2", f"{KEY}.3"]


def test_what_waits_to_be_deleted_is_told_of_and_its_absence_is_no_fault():
    both = log_of({"files": (file(),)}, {"kind": "merge", "removed": (KEY,), "files": (file(key=f"{KEY}.2"),)})
    replaced, there = LakeObject(KEY, 10, "etag"), LakeObject(f"{KEY}.2", 10, "etag")
    chain = read_chain(both, None)
    assert "1 objects, 10 bytes" in render(Report(chain, {KEY: replaced, there.key: there}, ()))
    assert "replaced" not in render(Report(chain, {there.key: there}, ()))
    assert list(check_listing(chain, {there.key: there})) == []


def test_offsets_that_do_not_add_up_are_an_edited_manifest():
    bodies = log_of({"consumed": (taken(0, 0, 5),)})
    ((key, body),) = bodies.items()
    manifest = msgspec.structs.replace(msgspec.json.decode(body, type=Manifest), next_offsets={0: 6})
    assert [fault.kind for fault in read_chain({key: msgspec.json.encode(manifest)}, None).faults] == [
        "edited manifest"
    ]


def test_rows_are_covered_in_runs_and_doubled_coordinates_are_named():
    rows = pa.table(
        {
            "kafka_partition": pa.array([0, 0, 0, 0, 1, 0], pa.int32()),
            "kafka_offset": pa.array([5, 6, 6, 9, 5, 6], pa.int64()),
            "batch_index": pa.array([0, 0, 1, None, 0, 1], pa.int32()),
        }
    )
    sink = io.BytesIO()
    pq.write_table(rows, sink)
    body = sink.getvalue()
    remote = parquet.RemoteFile(len(body), lambda start, length: body[start : start + length])
    assert parquet.coverage([parquet.coordinates(remote)]) == {
        0: Coverage(5, ((5, 7), (9, 10)), ((6, 1),)),
        1: Coverage(1, ((5, 6),), ()),
    }
    assert parquet.coverage([]) == {}


async def test_what_was_committed_after_the_log_was_read_is_no_stray():
    vandal = InMemory()
    await fill(vandal.store)
    late = KEY.replace("a.parquet", "late.parquet")
    get = vandal.lake.get

    def get_while_another_commits(key: str) -> bytes | None:
        vandal.store.objects[late], vandal.store.etags[late] = b"", ""
        return get(key)

    vandal.lake.get = get_while_another_commits  # type: ignore[method-assign]
    assert audited(vandal).faults == ()
