"""Events that come twice: which copy is stored, when the window ends, and that no crash changes the answer."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from eyeshot.commit_log import Deduplication
from services.compactor.decode import decode
from services.compactor.duplicates import Duplicates
from services.compactor.seen import Seen
from services.compactor.strip import strip
from tests.builders import NOW_MS, PAGE_VIEW, batch, collected, encoded, event, record, single
from tests.twins import MemorySource
from tests.unit.test_compactor_app import Rig, died_before_publishing
from tests.unit.test_compactor_recovery import next_one

WINDOW_MS = 900_000
RULE = Deduplication(window_ms=WINDOW_MS, runs_max=1_000)
ZONE = ZoneInfo("UTC")


def sent(number: int = 0, events: int = 1, **fields: Any) -> bytes:
    """A batch as the collector writes it, of the events `number` and on."""
    return encoded(collected(batch(n=number, e=[event()] * events, **fields)))


def strip_one_poll(*values: bytes, window: Seen | None = None, times: tuple[int, ...] = ()) -> list[tuple[int, int]]:
    """Offset and batch index of what is left of records that are read at once."""
    begin = (window.next_offset or 0) if window else 0
    timestamps = times or (NOW_MS,) * len(values)
    records = [
        record(value, offset=offset, timestamp=time)
        for offset, (value, time) in enumerate(zip(values, timestamps, strict=True), start=begin)
    ]
    decoded = decode(records, ZONE)
    strip({0: window or Seen(RULE)}, {0: records}, decoded)
    tables = [table for slot, table in decoded.tables.items() if slot.table == "events"]
    return sorted(
        pair
        for table in tables
        for pair in zip(table["kafka_offset"].to_pylist(), table["batch_index"].to_pylist(), strict=True)
    )


def test_the_first_in_the_topic_is_stored_whatever_else_lies_between():
    assert strip_one_poll(sent(0, 2), sent(0), sent(0, 2)) == [(0, 0), (0, 1)]


def test_numbers_of_another_source_or_page_view_are_others():
    assert strip_one_poll(sent(), sent(so="widget1"), sent(so="widget2"), sent(pv=PAGE_VIEW[::-1])) == [
        (offset, 0) for offset in range(4)
    ]


def test_a_resend_that_was_grouped_in_another_way_is_recognised_event_by_event():
    assert strip_one_poll(sent(0, 3), sent(3, 2), sent(1, 6), sent(6, 2)) == [
        *((0, index) for index in range(3)),
        *((1, index) for index in range(2)),
        *((2, index) for index in (4, 5)),
        (3, 1),
    ]


def test_the_longest_batch_is_recognised_over_the_edges_of_blocks():
    assert strip_one_poll(sent(50, 500), sent(50, 500), sent(549, 2)) == [*((0, n) for n in range(500)), (2, 1)]


@pytest.mark.parametrize("number", [0, 63, 64, 2**53 - 1])
def test_any_number_a_client_can_count_to_is_recognised(number: int):
    alone = single(page_view_id=PAGE_VIEW, source="page", sequence=number)
    assert strip_one_poll(sent(number), encoded(alone)) == [(0, 0)]


def test_events_without_an_identity_are_never_duplicates():
    nameless = encoded(single())
    assert strip_one_poll(nameless, nameless, sent(), nameless) == [(0, 0), (1, 0), (2, 0), (3, 0)]


def test_an_event_that_was_rejected_has_not_taken_its_number():
    wrong = encoded(collected(batch(e=[event(), event(et="No Name"), event()])))
    assert strip_one_poll(wrong, sent(0, 3)) == [(0, 0), (0, 2), (1, 1)]


@pytest.mark.parametrize(("later_ms", "stored"), [(WINDOW_MS, 1), (WINDOW_MS + 1, 2)])
def test_the_window_ends_after_its_time_and_not_a_millisecond_before(later_ms: int, stored: int):
    assert len(strip_one_poll(sent(), sent(), times=(NOW_MS, NOW_MS + later_ms))) == stored


@pytest.mark.parametrize(("others", "stored"), [(4, 0), (5, 1)])
def test_the_window_holds_as_many_runs_as_are_allowed_and_not_one_more(others: int, stored: int):
    window = Seen(Deduplication(window_ms=WINDOW_MS, runs_max=5))
    strip_one_poll(sent(), *(sent(pv=f"{number:022d}") for number in range(others)), window=window)
    assert len(strip_one_poll(sent(), window=window)) == stored


def test_memory_is_bounded_however_much_comes():
    window = Seen(Deduplication(window_ms=WINDOW_MS, runs_max=1_000))
    sizes = []
    for poll in range(40):
        strip_one_poll(*(sent(pv=f"{poll:011d}{number:011d}") for number in range(1_000)), window=window)
        sizes.append(window.size)
    assert max(size.runs for size in sizes) < 1_000 * 2 + 8_192 * 2
    assert max(size.bytes for size in sizes) < 2**21
    assert window.forgotten_early > 20_000


def test_runs_forgotten_because_their_time_is_over_are_not_counted_as_forgotten_early(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("services.compactor.seen.SWEEP_RUNS", 0)
    window = Seen(RULE)
    for poll in range(10):
        strip_one_poll(sent(), window=window, times=(NOW_MS + poll * (WINDOW_MS + 1),))
    assert (window.forgotten_early, window.size.runs) == (0, 1)


async def test_a_resend_is_left_out_before_and_after_a_flush_and_the_manifest_counts_it():
    async with Rig() as rig:
        rig.source.produce(sent(0, 3), partition=0, timestamp=NOW_MS)
        rig.source.produce(sent(0, 3), partition=0, timestamp=NOW_MS)
        await rig.until(lambda: rig.compactor._first_record_at is not None)
        rig.clock.now = 10.0
        await rig.until(rig.rows)
        rig.source.produce(sent(1, 3), partition=0, timestamp=NOW_MS)
        await rig.until(lambda: rig.compactor._first_record_at is not None)
    assert rig.rows() == [(0, 0, 0), (0, 0, 1), (0, 0, 2), (0, 2, 2)]
    assert [(each.events, each.duplicates) for manifest in rig.manifests() for each in manifest.consumed] == [
        (6, 3),
        (3, 2),
    ]
    assert rig.manifests()[0].deduplication == Deduplication(window_ms=900_000, runs_max=100_000)


async def test_a_resend_is_left_out_after_a_restart_too():
    async with Rig() as first:
        first.source.produce(sent(0, 2), partition=0, timestamp=NOW_MS)
        await first.until(lambda: first.compactor._first_record_at is not None)
    first.source.produce(sent(0, 2), partition=0, timestamp=NOW_MS + WINDOW_MS)
    first.source.produce(sent(0, 2), partition=0, timestamp=NOW_MS + 2 * WINDOW_MS + 1)
    async with Rig(first.store, first.source) as second:
        await second.until(lambda: second.compactor._first_record_at is not None)
    assert second.rows() == [(0, 0, 0), (0, 0, 1), (0, 2, 0), (0, 2, 1)]


async def test_a_commit_of_nothing_but_duplicates_has_no_file_and_goes_on():
    async with Rig() as first:
        first.source.produce(sent(), partition=0, timestamp=NOW_MS)
        await first.until(lambda: first.compactor._first_record_at is not None)
    async with Rig(first.store, first.source) as second:
        second.source.produce(sent(), partition=0, timestamp=NOW_MS)
        await second.until(lambda: second.compactor._first_record_at is not None)
    assert [len(manifest.files) for manifest in second.manifests()] == [1, 0]
    assert second.manifests()[-1].next_offsets[0] == 2
    assert second.rows() == [(0, 0, 0)]


async def test_a_repair_leaves_out_what_its_commit_left_out():
    async with Rig() as first:
        first.source.produce(sent(0, 2), partition=0, timestamp=NOW_MS)
        await first.until(lambda: first.compactor._first_record_at is not None)
    async with Rig(first.store, first.source) as dead:
        dead.source.produce(sent(1, 3), partition=0, timestamp=NOW_MS)
        await dead.until(lambda: dead.compactor._first_record_at is not None)
        dead.compactor._publisher.publish = died_before_publishing  # type: ignore[method-assign]
    dead.store.uploads.clear()
    after = await next_one(dead)
    assert after.rows() == [(0, 0, 0), (0, 0, 1), (0, 1, 1), (0, 1, 2)]
    lost, repair = after.manifests()[-2:]
    assert (repair.kind, repair.deduplication) == ("repair", lost.deduplication)
    assert [file.rows for file in repair.files] == [file.rows for file in lost.files] == [2]


async def test_a_window_that_retention_cut_off_is_told(caplog: pytest.LogCaptureFixture):
    source = MemorySource()
    for offset in range(3):
        source.produce(sent(offset), partition=0, timestamp=NOW_MS + offset)
    source.beginnings[0] = 1
    records = source.partitions[0][2:]
    await Duplicates(source, ZONE, RULE).leave_out(records, decode(records, ZONE))
    assert "duplicate_window_cut_off_by_retention" in caplog.text


async def test_a_window_that_ends_where_reading_goes_on_is_not_read_again():
    source = MemorySource()
    for number in (0, 1, 0):
        source.produce(sent(number), partition=0, timestamp=NOW_MS)
    windows = Duplicates(source, ZONE, RULE)
    first, last = source.partitions[0][:2], source.partitions[0][2:]
    await windows.leave_out(first, decode(first, ZONE))
    windows.go_on({0: 2})
    source.partitions = {}  # who reads now fails
    assert await windows.leave_out(last, decode(last, ZONE)) == {0: 1}
