"""Windows, records and their rows in; the rows without those that the windows know, and their number, out. Pure."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from eyeshot.table import Slot
from services.compactor.decode import Decoded
from services.compactor.identities import I64, runs_in
from services.compactor.rows import KafkaRecord
from services.compactor.seen import Seen
from services.compactor.skim import skim


def strip(
    windows: Mapping[int, Seen], records: Mapping[int, Sequence[KafkaRecord]], decoded: Decoded
) -> dict[int, int]:
    """Take duplicates out of `decoded`, which came of each Kafka partition's records; how many there were of each."""
    slots = [slot for slot in decoded.tables if slot.table == "events"]
    runs = runs_in([decoded.tables[slot] for slot in slots])
    rows: list[list[int]] = [[] for _ in slots]
    found = {}
    for partition, mine in records.items():
        its = runs.of(partition)
        repeated = windows[partition].add(its, *_offsets_and_times(mine))
        for position, bits in repeated:
            rows[its.table[position]] += _rows(int(its.row[position]), int(its.mask[position]), bits)
        found[partition] = sum(bits.bit_count() for _, bits in repeated)
    for slot, doubled in zip(slots, rows, strict=True):
        _leave_out(decoded, slot, doubled)
    return {partition: duplicates for partition, duplicates in found.items() if duplicates}


def remember(window: Seen, partition: int, records: Sequence[KafkaRecord], zone: ZoneInfo) -> None:
    """Take up records of one Kafka partition whose rows are stored, or left out, already."""
    window.add(skim(records, zone).of(partition), *_offsets_and_times(records))


def _offsets_and_times(records: Sequence[KafkaRecord]) -> tuple[I64, I64]:
    return (
        np.array([record.offset for record in records], np.int64),
        np.array([record.timestamp for record in records], np.int64),
    )


def _rows(first: int, mask: int, bits: int) -> list[int]:
    """Where the events are that these bits of a run stand for."""
    lowest = (mask & -mask).bit_length() - 1
    return [first + bit - lowest for bit in range(lowest, mask.bit_length()) if bits >> bit & 1]


def _leave_out(decoded: Decoded, slot: Slot, rows: list[int]) -> None:
    if not rows:
        return
    table = decoded.tables[slot]
    kept = np.ones(table.num_rows, np.bool_)
    kept[rows] = False
    if kept.any():
        decoded.tables[slot] = table.filter(pa.array(kept))
    else:
        del decoded.tables[slot], decoded.times[slot]
