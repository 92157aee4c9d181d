"""Events in memory in; a Kafka topic filled with as many like them as asked for out, fast.

A few hundred thousand events are made as bench.events makes them. Each is produced again and again under other page
view ids and later times: for a compactor every record is new, for the generator it is a format and three arguments.
"""

import base64
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from bench.events import EVENTS_PER_SECOND, PARTITIONS, collected_batches, single_events
from deploy.topic import SETTINGS
from eyeshot.kafka_login import for_librdkafka
from eyeshot.settings import Kafka
from services.compactor.rows import KafkaRecord

TEMPLATE_EVENTS = 400_000
BATCH_EVENTS = 20
DAY_MS = 24 * 3_600_000
ANSWER_SECONDS = 60
PRODUCE_BYTES = 128 * 1024  # what the collector's lanes put together under load

_TIME = re.compile(rb"(?<=:)\d{13}(?=[,}])")
_VIEW = re.compile(rb'"(?:pv|page_view_id)":"([^"]{22})"')


class Filled(NamedTuple):
    """A topic and what is in it."""

    topic: str
    records: int
    events: int
    json_bytes: int


class Made(NamedTuple):
    """A record to produce; its key is the page view, as the collector has it."""

    partition: int
    key: bytes
    value: bytes


class Template(NamedTuple):
    """A record whose times and page view id are left open; times in ms after the record's own."""

    partition: int
    form: bytes
    times: tuple[int, ...]
    view_at: int
    view: int


class Shape(NamedTuple):
    """Records to make again and again, how many events each holds, and how many page views they are of."""

    templates: list[Template]
    events: int
    views: int


def batches() -> Shape:
    """Collected batches of 20, as the SDK sends them."""
    return _shape(collected_batches(TEMPLATE_EVENTS), BATCH_EVENTS)


def singles() -> Shape:
    """Single events in full names, as a backend produces them."""
    return _shape(single_events(TEMPLATE_EVENTS // 4), 1)


def fill(kafka: Kafka, topic: str, shape: Shape, events: int, *, days: int = 0) -> Filled:
    """Create the topic and fill it. With `days`, records carry their own times, spread over so many days."""
    create(kafka, topic, own_times=days > 0)
    producer = Producer(
        {
            **connection(kafka),
            "compression.type": "zstd",
            "batch.size": PRODUCE_BYTES,
            "linger.ms": 50,
            "queue.buffering.max.kbytes": 256 * 1024,
        }
    )
    records, size = events // shape.events, 0
    now = time.time_ns() // 1_000_000
    for number, made in enumerate(_values(shape, records, now)):
        size += len(made.value)
        at = _time(number / records, made.partition, days, now) if days else 0
        produce(producer, topic, made, at)
    assert producer.flush(ANSWER_SECONDS) == 0, "Kafka did not take everything"
    return Filled(topic, records, records * shape.events, size)


def endless(shape: Shape) -> Iterator[Made]:
    """Records without end, of now."""
    while True:
        yield from _values(shape, len(shape.templates), time.time_ns() // 1_000_000)


def _time(share: float, partition: int, days: int, now: int) -> int:
    """Each partition is at another day: as behind a mirror, and the hardest for whoever has a file open for each."""
    behind = days * (1 - share) + partition * days / PARTITIONS
    return now - round(behind * DAY_MS)


def produce(producer: Producer, topic: str, made: Made, at: int = 0) -> None:
    """Hand a record to the producer, when it has room for it."""
    while True:
        try:
            producer.produce(topic, made.value, key=made.key, partition=made.partition, timestamp=at)
        except BufferError:
            producer.poll(0.1)
        else:
            return


def connection(kafka: Kafka) -> dict[str, Any]:
    """What a confluent-kafka client needs to connect."""
    return {"bootstrap.servers": kafka.bootstrap, **for_librdkafka(kafka)}


def create(kafka: Kafka, topic: str, *, own_times: bool = False) -> None:
    """A topic like `events`, that keeps what it is given."""
    settings = SETTINGS | {"retention.ms": "-1"}
    if own_times:
        settings["message.timestamp.type"] = "CreateTime"
    wanted = NewTopic(topic, num_partitions=PARTITIONS, replication_factor=1, config=settings)
    admin = AdminClient(connection(kafka))
    admin.create_topics([wanted])[topic].result(ANSWER_SECONDS)


def _shape(records: Iterable[KafkaRecord], events: int) -> Shape:
    views: dict[bytes, int] = {}
    templates = [_template(record, views) for record in records]
    return Shape(templates, events, len(views))


def _template(record: KafkaRecord, views: dict[bytes, int]) -> Template:
    found = _VIEW.search(record.value)
    assert found, "every record has a page view"
    start, end = found.span(1)
    view = views.setdefault(found[1], len(views))
    times = tuple(int(each) - record.timestamp for each in _TIME.findall(record.value))
    view_at = len(_TIME.findall(record.value[:start]))
    before, after = (_TIME.sub(b"%d", part.replace(b"%", b"%%")) for part in (record.value[:start], record.value[end:]))
    return Template(record.partition, before + b"%b" + after, times, view_at, view)


def _values(shape: Shape, records: int, now: int) -> Iterator[Made]:
    """So many records, the last of them of `now`."""
    views: list[bytes] = []
    for number in range(records):
        place = number % len(shape.templates)
        if place == 0:
            views = [base64.urlsafe_b64encode(secrets.token_bytes(17))[:22] for _ in range(shape.views)]
        template = shape.templates[place]
        at = now - (records - number) * shape.events * 1000 // EVENTS_PER_SECOND
        filling: list[int | bytes] = [at + each for each in template.times]
        view = views[template.view]
        filling.insert(template.view_at, view)
        yield Made(template.partition, view, template.form % tuple(filling))
