"""Records that were read before in; the runs of their identities out, without a row being made. Pure: part of the core.

The runs are those of the rows that decode.py makes of the same records, in half the time: what the typed pass
(plain.py) reads whole needs no columns, only its few different names checked; any other record is decoded.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from services.compactor.decode import decode
from services.compactor.identities import Runs, runs_in, runs_of_batches, together
from services.compactor.plain import Collected, collected_or_single
from services.compactor.proof import PATTERNS
from services.compactor.rows import KafkaRecord

_OF_EVENTS = ("event_type", "placement")
_OF_HEADS = ("page_view_id", "source")
_CHECKS = {name: re.compile(PATTERNS[name]) for name in (*_OF_EVENTS, *_OF_HEADS)}


class _Read(NamedTuple):
    """A record, what its events share, and they themselves."""

    record: KafkaRecord
    head: Any
    events: Sequence[Any]


def skim(records: Iterable[KafkaRecord], zone: ZoneInfo) -> Runs:
    """The runs of all these records' events."""
    plain, others = _sorted(records)
    wrong = {name: _wrong(name, plain) for name in _CHECKS}
    standing = [each for each in plain if _stands(each, wrong)]
    if len(standing) < len(plain):
        others += [each.record for each in plain if not _stands(each, wrong)]
    tables = [table for slot, table in decode(others, zone).tables.items() if slot.table == "events"]
    return together(_runs([each for each in standing if each.head.sequence is not None]), runs_in(tables))


def _sorted(records: Iterable[KafkaRecord]) -> tuple[list[_Read], list[KafkaRecord]]:
    plain, others = [], []
    for record in records:
        read = collected_or_single(record.value)
        if read is None:
            others.append(record)
        elif isinstance(read, Collected):
            plain.append(_Read(record, read.batch, read.batch.events))
        else:
            plain.append(_Read(record, read, (read,)))
    return plain, others


def _wrong(name: str, plain: list[_Read]) -> set[str]:
    """The different values of a field that break its pattern."""
    if name in _OF_HEADS:
        values = {getattr(each.head, name) for each in plain}
    else:
        values = {getattr(event, name) for each in plain for event in each.events}
    return {value for value in values if value is not None and not _CHECKS[name].fullmatch(value)}


def _stands(read: _Read, wrong: dict[str, set[str]]) -> bool:
    """Whether the record's rows are just what the typed pass read (proof.py)."""
    head = read.head
    if (head.page_view_id is None, head.source is None) != (head.sequence is None,) * 2:
        return False
    if any(getattr(head, name) in wrong[name] for name in _OF_HEADS):
        return False
    suspects = [name for name in _OF_EVENTS if wrong[name]]
    return not any(getattr(event, name) in wrong[name] for name in suspects for event in read.events)


def _runs(named: list[_Read]) -> Runs:
    return runs_of_batches(
        partition=np.array([each.record.partition for each in named], np.int64),
        offset=np.array([each.record.offset for each in named], np.int64),
        page_view_id=[each.head.page_view_id for each in named],
        source=[each.head.source for each in named],
        sequence=np.array([each.head.sequence for each in named], np.int64),
        events=np.array([len(each.events) for each in named], np.int64),
    )
