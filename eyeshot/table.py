"""The lake's tables: their columns, the day a time belongs to, and the keys of everything in the bucket."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from eyeshot.fields import EVENT_FIELDS, HEAD_FIELDS
from eyeshot.promoted import PROMOTED, Promotion

PARTITION_KEYS = ("year", "month", "day")
LOG_PREFIX = "_log/events/"
TIP_HINT_KEY = "_log/events-tip.json"  # beside the log, so that a listing of the log gives manifests alone
TABLE_NAMES = ("events", "rejected")
REWRITTEN_PREFIX = "rewritten/"
DATA_PREFIXES = (*(f"{name}/" for name in TABLE_NAMES), REWRITTEN_PREFIX)


class Column(NamedTuple):
    """A column: its name, its Hive type and what it means."""

    name: str
    type: str
    description: str


class Slot(NamedTuple):
    """A day of a table: where rows go, one open file each."""

    table: str
    day: date


class Table(NamedTuple):
    """A table of the lake. Its data lies under `<name>/year=…/month=…/day=…/`."""

    name: str
    columns: tuple[Column, ...]


def _declared() -> list[Column]:
    """Every field of a batch and an event by its full name; an object is kept as its JSON."""
    return [
        Column(
            field.name,
            "string" if field.kind == "object" else field.kind,
            field.description,
        )
        for field in (*HEAD_FIELDS, *EVENT_FIELDS)
    ]


_COORDINATES = (
    Column("kafka_partition", "int", "Kafka partition of the record"),
    Column("kafka_offset", "bigint", "Kafka offset of the record"),
    Column("batch_index", "int", "Place of the event in its batch, from 0"),
)

_ADDED = (
    Column(
        "event_time",
        "timestamp",
        "When it happened, UTC, by the collector's clock: skew taken out, clamped",
    ),
    Column(
        "received_at",
        "timestamp",
        "When the collector (else the broker) got it, UTC",
    ),
    Column("user_agent_browser", "string", "Family of the browser"),
    Column("user_agent_os", "string", "Family of the operating system"),
    Column("user_agent_device", "string", "Family of the device"),
    Column(
        "ip_prefix",
        "string",
        "IPv4 /24 or IPv6 /48 of the reader; a full address is written nowhere",
    ),
    Column("suspect", "string", "Why it may be no person, or NULL"),
    Column(
        "extra",
        "string",
        "Every field that nobody declared, as one JSON object, or NULL",
    ),
    *_COORDINATES,
)


def to_promote(promotions: Iterable[Promotion] = PROMOTED) -> tuple[Promotion, ...]:
    """Those whose field is not declared by now: a declared one comes from its event or batch, not from `extra`."""
    declared = {column.name for column in _declared()}
    return tuple(each for each in promotions if each.name not in declared)


def events_table(promotions: Iterable[Promotion] = PROMOTED) -> Table:
    """The table of the events; promoted fields come last, as columns that are added do."""
    promoted = (Column(name, kind, "Promoted: older rows have it in `extra`") for name, kind in to_promote(promotions))
    return Table("events", (*_declared(), *_ADDED, *promoted))


EVENTS = events_table()

REJECTED = Table(
    "rejected",
    (
        Column("reason", "string", "What was expected, and where"),
        Column("value", "binary", "The record's bytes as they were produced"),
        Column("received_at", "timestamp", "The record's time, UTC"),
        *_COORDINATES,
    ),
)

TABLES = {table.name: table for table in (EVENTS, REJECTED)}

for _table in TABLES.values():
    _names = [column.name for column in _table.columns]
    assert not set(_names) & set(PARTITION_KEYS), f"{_table.name}: a partition key cannot be a column"
    assert len(set(_names)) == len(_names), f"{_table.name}: a column comes twice"


def day_of(epoch_ms: int, zone: ZoneInfo) -> date:
    """The day partition of a record: the day of its broker's time (epoch ms) in the configured zone."""
    return datetime.fromtimestamp(epoch_ms / 1000, zone).date()


def day_end_ms(day: date, zone: ZoneInfo) -> int:
    """The first epoch ms after the day in the zone; right across daylight saving."""
    tomorrow = day + timedelta(days=1)
    return round(datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone).timestamp() * 1000)


def partition_values(day: date) -> tuple[str, str, str]:
    """Values of the partition keys: zero-padded strings."""
    return f"{day.year:04d}", f"{day.month:02d}", f"{day.day:02d}"


def partition_prefix(table: str, day: date) -> str:
    """Where a day of a table lies in the bucket, with a closing slash."""
    pairs = zip(PARTITION_KEYS, partition_values(day), strict=True)
    return f"{table}/" + "".join(f"{key}={value}/" for key, value in pairs)


def rewritten_prefix(table: str, day: date, nonce: str) -> str:
    """Where a rewriting of a day lies, with a closing slash: a folder that no query sees before the swap."""
    return f"{REWRITTEN_PREFIX}{partition_prefix(table, day)}{nonce}/"


def file_key(table: str, day: date, nonce: str) -> str:
    """The key of a data file."""
    return f"{partition_prefix(table, day)}{nonce}.parquet"


def manifest_key(sequence: int) -> str:
    """The key of a manifest; 20 digits, so that keys sort as numbers do."""
    return f"{LOG_PREFIX}{sequence:020d}.json"


def manifest_sequence(key: str) -> int | None:
    """The number of the manifest with this key; None when it is no manifest's."""
    number = key.removeprefix(LOG_PREFIX).removesuffix(".json")
    return int(number) if number.isdecimal() and manifest_key(int(number)) == key else None
