"""A Kafka record in; rows of the tables `events` and `rejected` out. Pure: part of the compactor's core.

Nothing of a record is lost: a declared field goes to its column, any other into `extra`, and what is no event into
`rejected` with the record's bytes.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from eyeshot.event import EPOCH_MS_MAX, Event, Head
from eyeshot.promoted import Promotion
from eyeshot.reading import Envelope, InvalidBatch, Object, Record, read_record
from eyeshot.table import to_promote
from services.compactor.promote import Undeclared, promote
from services.compactor.user_agent import families

SKEW_PAST_MS = 7 * 24 * 3_600_000
SKEW_FUTURE_MS = 5 * 60_000
PROMOTIONS = to_promote()

Row = dict[str, Any]


class KafkaRecord(msgspec.Struct, frozen=True, gc=False):
    """A record as it was consumed. `timestamp` is the broker's, in epoch ms."""

    partition: int
    offset: int
    timestamp: int
    value: bytes


def by_partition(records: Iterable[KafkaRecord]) -> dict[int, list[KafkaRecord]]:
    """The records of each Kafka partition, in their order."""
    found: dict[int, list[KafkaRecord]] = {}
    for partition, together in groupby(records, key=attrgetter("partition")):  # they come by the hundred
        found.setdefault(partition, []).extend(together)
    return found


class Rows(NamedTuple):
    """What a record becomes, by table, and the names of the fields that went into `extra`."""

    events: list[Row]
    rejected: list[Row]
    undeclared: list[str]


def rows_of(record: KafkaRecord, promotions: Sequence[Promotion] = PROMOTIONS) -> Rows:
    """The rows of a record. Never raises for what is in it."""
    try:
        read = read_record(record.value)
    except InvalidBatch as error:
        return Rows([], [_rejected(record, str(error), None)], [])
    shared = _shared(record, read)
    undeclared = [promote(event.undeclared, read.reading.undeclared, promotions) for event in read.reading.events]
    events = [
        {
            **shared,
            **_own(event.event, event.index, read, record),
            **rest.columns,
            "extra": _extra(rest, read.undeclared),
        }
        for event, rest in zip(read.reading.events, undeclared, strict=True)
    ]
    rejected = [_rejected(record, each.reason, each.index) for each in read.reading.rejected]
    return Rows(events, rejected, _left(read, undeclared))


def _left(read: Record, undeclared: Sequence[Undeclared]) -> list[str]:
    """The names of the fields that no column took: the batch's once, however many events it has."""
    of_the_batch = {name for rest in undeclared for name in rest.batch} if undeclared else read.reading.undeclared
    return [*read.undeclared, *of_the_batch, *(name for rest in undeclared for name in rest.own)]


def event_time_ms(timestamp: int, sent_at: int | None, received_at: int | None) -> int:
    """When an event happened, epoch ms by the collector's clock (design, section 3).

    received − (sent_at − timestamp), clamped to [received − 7 days, received + 5 min]. Without an envelope or
    a sent_at a backend wrote it, whose `timestamp` is taken as given.
    """
    if received_at is None or sent_at is None:
        return timestamp
    by_our_clock = received_at - (sent_at - timestamp)
    clamped = min(max(by_our_clock, received_at - SKEW_PAST_MS), received_at + SKEW_FUTURE_MS)
    return min(max(clamped, 0), EPOCH_MS_MAX)


def _shared(record: KafkaRecord, read: Record) -> Row:
    """The columns that all events of the record share."""
    envelope = read.envelope or Envelope(received_at=record.timestamp)
    agent = families(envelope.user_agent)
    return {
        **_fields(read.reading.head),
        "received_at": envelope.received_at,
        "user_agent_browser": agent.browser,
        "user_agent_os": agent.os,
        "user_agent_device": agent.device,
        "ip_prefix": envelope.ip_prefix,
        "suspect": agent.suspect,
        "kafka_partition": record.partition,
        "kafka_offset": record.offset,
    }


def _own(event: Event, index: int, read: Record, record: KafkaRecord) -> Row:
    """The columns of one event."""
    head = read.reading.head
    received_at = read.envelope.received_at if read.envelope else None
    return {
        **_fields(event),
        "properties": _json(event.properties) if event.properties is not None else None,
        "sequence": None if head.sequence is None else head.sequence + index,
        "event_time": event_time_ms(event.timestamp, head.sent_at, received_at),
        "batch_index": index,
    }


def _fields(struct: Head | Event) -> Row:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


def _extra(rest: Undeclared, of_the_envelope: Object) -> str | None:
    """Every undeclared field as one JSON object; a `$` in front keeps the event's own names apart from ours."""
    kept = {f"${name}" if name.startswith("$") else name: value for name, value in rest.own.items()}
    if rest.batch:
        kept["$batch"] = rest.batch
    if of_the_envelope:
        kept["$envelope"] = of_the_envelope
    return _json(kept) if kept else None


def _rejected(record: KafkaRecord, reason: str, index: int | None) -> Row:
    return {
        "reason": reason,
        "value": record.value,
        "received_at": record.timestamp,
        "kafka_partition": record.partition,
        "kafka_offset": record.offset,
        "batch_index": index,
    }


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
