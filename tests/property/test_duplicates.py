"""Random topics with resends, regroupings, odd clocks, crashes and cuts: what is stored is what a plain model says."""

import asyncio
from collections.abc import Iterator
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eyeshot.commit_log import Deduplication
from services.compactor import seen
from services.compactor.decode import decode
from services.compactor.duplicates import Duplicates
from services.compactor.rows import KafkaRecord, rows_of
from tests.builders import NOW_MS, PAGE_VIEW, batch, collected, encoded, event, single
from tests.twins import MemorySource

ZONE = ZoneInfo("UTC")
WINDOW_MS = 10
PARTITIONS = 2
IDENTITY = ("page_view_id", "source", "sequence")
Coordinates = tuple[int, int, int]


@st.composite
def values(draw: Any) -> bytes:
    """A record of one of few page views, with numbers near the edge of a block."""
    head = {"pv": draw(st.sampled_from([PAGE_VIEW, PAGE_VIEW[::-1]])), "so": draw(st.sampled_from(["page", "widget1"]))}
    number = draw(st.sampled_from([0, 1, 2, 3, 61, 63, 64, 2**40]))
    kind = draw(st.sampled_from(["batch", "batch", "batch", "full", "single", "none", "garbage"]))
    if kind == "single":
        return encoded(single(page_view_id=head["pv"], source=head["so"], sequence=number))
    if kind == "garbage":
        return b"garbage"
    sizes = st.integers(1, 4) | st.just(130)
    valid = draw(st.lists(st.sampled_from([True, True, True, False]), min_size=1, max_size=4)) * draw(sizes)
    events = [event() if good else event(et="No Name") for good in valid]
    if kind == "none":
        return encoded(collected(batch(pv=None, so=None, n=None, e=events)))
    more = {"colour": "undeclared"} if kind == "full" else {}
    return encoded(collected(batch(n=number, e=events, **head, **more)))


@st.composite
def topics(draw: Any) -> dict[int, list[KafkaRecord]]:
    """Some records in each partition. Time goes on, now and then far, and may go back a little."""
    topic: dict[int, list[KafkaRecord]] = {}
    for partition in range(PARTITIONS):
        time, log = NOW_MS, []
        for offset, value in enumerate(draw(st.lists(values(), max_size=12))):
            time += draw(st.sampled_from([0, 0, 1, 3, WINDOW_MS, WINDOW_MS + 1, -2]))
            log.append(KafkaRecord(partition, offset, time, value))
        topic[partition] = log
    return topic


class Known(NamedTuple):
    """What the model remembers: runs of identities, each with its record's place."""

    place: int
    identities: frozenset[tuple[Any, ...]]


def expected(log: list[KafkaRecord], rule: Deduplication) -> Iterator[Coordinates]:
    """The events that are stored, by the plainest reading of the rule."""
    known: list[Known] = []
    for place, record in enumerate(log):
        newest = max(each.timestamp for each in log[: place + 1])
        oldest = min(number for number, each in enumerate(log) if each.timestamp >= newest - rule.window_ms)
        for run in runs_of(rows_of(record).events):
            window = [each for each in known[-rule.runs_max :] if each.place >= oldest]
            there = {identity for each in window for identity in each.identities}
            for row in run:
                if identity_of(row) not in there:
                    yield record.partition, record.offset, row["batch_index"]
            if run[0]["sequence"] is not None:
                known.append(Known(place, frozenset(map(identity_of, run))))


def identity_of(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in IDENTITY)


def runs_of(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Rows whose numbers follow each other, within a block of 64."""
    runs: list[list[dict[str, Any]]] = []
    for row in rows:
        number, before = row["sequence"], runs[-1][-1]["sequence"] if runs else None
        if number is None or before is None or number != before + 1 or number % 64 == 0:
            runs.append([row])
        else:
            runs[-1].append(row)
    return runs


async def stored(topic: dict[int, list[KafkaRecord]], rule: Deduplication, draw: Any) -> list[Coordinates]:
    """The events that are stored by compactors that read as much at once as they like, crash, and take turns."""
    source = MemorySource(PARTITIONS)
    source.partitions = topic
    starts = dict.fromkeys(topic, 0)
    windows = Duplicates(source, ZONE, rule)
    rows: list[Coordinates] = []
    while any(starts[partition] < len(log) for partition, log in topic.items()):
        records = [
            each
            for partition in draw(st.permutations(list(topic)))
            for each in topic[partition][starts[partition] :][: draw(st.integers(0, 4))]
        ]
        happens = draw(st.sampled_from(["commit", "commit", "crash", "lost commit", "rebalance"]))
        if records:
            decoded = decode(records, ZONE)
            before = sum(table.num_rows for table in decoded.tables.values())
            duplicates = await windows.leave_out(records, decoded)
            tables = [table for slot, table in decoded.tables.items() if slot.table == "events"]
            assert before - sum(table.num_rows for table in decoded.tables.values()) == sum(duplicates.values())
            if happens != "lost commit":
                rows += [each for table in tables for each in coordinates(table)]
                starts |= {each.partition: each.offset + 1 for each in records}
        if happens == "crash":
            windows = Duplicates(source, ZONE, rule)
        elif happens != "commit":
            windows.go_on({each: at for each, at in starts.items() if happens == "lost commit" or draw(st.booleans())})
    return rows


def coordinates(table: Any) -> Iterator[Coordinates]:
    names = ("kafka_partition", "kafka_offset", "batch_index")
    return zip(*(table[name].to_pylist() for name in names), strict=True)


@pytest.mark.parametrize("sweep_runs", [0, seen.SWEEP_RUNS])
@settings(max_examples=300)
@given(topics(), st.sampled_from([1, 2, 5, 1_000]), st.data())
def test_what_is_stored_depends_on_the_topic_alone(sweep_runs: int, topic: Any, runs_max: int, data: st.DataObject):
    rule = Deduplication(window_ms=WINDOW_MS, runs_max=runs_max)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seen, "SWEEP_RUNS", sweep_runs)
        rows = asyncio.run(stored(topic, rule, data.draw))
    assert sorted(rows) == sorted(each for log in topic.values() for each in expected(log, rule))
