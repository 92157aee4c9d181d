"""Kafka records in; Arrow tables out, one for each table of the lake and each day. Pure: part of the core.

Records that one typed pass reads whole (plain.py) become columns without ever being rows; every other record, and
every record that does not stand the proof (proof.py), goes row by row (rows.py). Both ways give the same rows. Rows
are not in the records' order.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa

from eyeshot.lake.schema import decoded_schema
from eyeshot.table import TABLES, Slot, day_of
from services.compactor import columns
from services.compactor.plain import ENVELOPE_START, REFUSALS, read_collected, read_single
from services.compactor.proof import misfits
from services.compactor.rows import KafkaRecord, Row, rows_of

BLOCK_BYTES = 1024 * 1024  # what is decoded at once stays near the processor: 20 times as much takes half as long again

_SCHEMAS = {name: decoded_schema(table) for name, table in TABLES.items()}


@dataclass
class Decoded:
    """Rows of many records by slot, and the times (epoch ms) of the records they came from."""

    tables: dict[Slot, pa.Table] = field(default_factory=dict)
    times: dict[Slot, tuple[int, int]] = field(default_factory=dict)
    undeclared: dict[str, int] = field(default_factory=dict)

    def put(self, slot: Slot, table: pa.Table, times: Sequence[int]) -> None:
        """Add rows to a slot."""
        known = [self.tables[slot]] if slot in self.tables else []
        self.tables[slot] = pa.concat_tables([*known, table])
        least, most = self.times.get(slot, (times[0], times[0]))
        self.times[slot] = (min(least, *times), max(most, *times))

    def count(self, names: Iterable[str]) -> None:
        """Count the undeclared fields with these names."""
        for name in names:
            self.undeclared[name] = self.undeclared.get(name, 0) + 1


class Plain(NamedTuple):
    """Records that the typed pass read, and beside each what it read. (Pairs would be thousands of objects more.)"""

    records: list[KafkaRecord]
    read: list[Any]


Build = Callable[[Sequence[KafkaRecord], Sequence[Any]], columns.Rows]


def decode(records: Iterable[KafkaRecord], zone: ZoneInfo) -> Decoded:
    """The rows of the records, each in the slot of its table and of its record's day."""
    decoded = Decoded()
    others: dict[date, list[KafkaRecord]] = {}
    for day, block in _blocks(records, zone):
        batches, singles, strange = _sorted(block)
        strange += _put_plain(decoded, day, batches, columns.rows_of_batches)
        strange += _put_plain(decoded, day, singles, columns.rows_of_singles)
        others.setdefault(day, []).extend(strange)
    for day, strange in others.items():  # a table for all of a day: a small one costs a hundred times its rows
        _put_others(decoded, day, strange)
    return decoded


def _blocks(records: Iterable[KafkaRecord], zone: ZoneInfo) -> Iterator[tuple[date, list[KafkaRecord]]]:
    """Records of one day, about BLOCK_BYTES of them at once."""
    days: dict[int, date] = {}  # by second: no zone changes its day within one, and a poll spans few
    by_day: dict[date, list[KafkaRecord]] = {}
    for timestamp, same_time in groupby(records, key=attrgetter("timestamp")):  # what came together has one
        second = timestamp // 1000
        if (day := days.get(second)) is None:
            day = days[second] = day_of(timestamp, zone)
        by_day.setdefault(day, []).extend(same_time)
    for day, same_day in by_day.items():
        yield from ((day, block) for block in _cut(same_day))


def _cut(records: list[KafkaRecord]) -> Iterator[list[KafkaRecord]]:
    first, size = 0, 0
    for position, record in enumerate(records, 1):
        size += len(record.value)
        if size >= BLOCK_BYTES:
            yield records[first:position]
            first, size = position, 0
    if first < len(records):
        yield records[first:]


def _sorted(block: Iterable[KafkaRecord]) -> tuple[Plain, Plain, list[KafkaRecord]]:
    batches, singles, others = Plain([], []), Plain([], []), []
    for record in block:
        value = record.value
        try:
            if value.startswith(ENVELOPE_START):
                batches.read.append(read_collected(value))
                batches.records.append(record)
            else:
                singles.read.append(read_single(value))
                singles.records.append(record)
        except REFUSALS:
            others.append(record)
    return batches, singles, others


def _put_plain(decoded: Decoded, day: date, plain: Plain, build: Build) -> list[KafkaRecord]:
    """Add the rows of the records that stand the proof; the records that do not."""
    if not plain.records:
        return []
    rows = build(plain.records, plain.read)
    if (mask := misfits(rows.table)) is None:
        decoded.put(Slot("events", day), rows.table, [record.timestamp for record in plain.records])
        return []
    failing = set(rows.record.filter(mask).to_pylist())
    standing = [position for position in range(len(plain.records)) if position not in failing]
    _put_plain(decoded, day, Plain(*([column[each] for each in standing] for column in plain)), build)
    return [plain.records[position] for position in sorted(failing)]


def _put_others(decoded: Decoded, day: date, records: list[KafkaRecord]) -> None:
    rows = [(record.timestamp, rows_of(record)) for record in records]
    _put_rows(decoded, Slot("events", day), [(time, each.events) for time, each in rows])
    _put_rows(decoded, Slot("rejected", day), [(time, each.rejected) for time, each in rows])
    decoded.count(name for _, each in rows for name in each.undeclared)


def _put_rows(decoded: Decoded, slot: Slot, rows: list[tuple[int, list[Row]]]) -> None:
    """Add rows that were made one by one, each record's with its time."""
    made = [row for _, some in rows for row in some]
    if made:
        table = pa.Table.from_pylist(made, schema=_SCHEMAS[slot.table])
        decoded.put(slot, table, [time for time, some in rows if some])


def events_by_partition(decoded: Decoded) -> Counter[int]:
    """How many events, invalid ones included, were found in each Kafka partition's records."""
    found: Counter[int] = Counter()
    for table in decoded.tables.values():
        for each in table["kafka_partition"].value_counts().to_pylist():
            found[each["values"]] += each["counts"]
    return found
