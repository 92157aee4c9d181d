"""What is counted without a lock looks to Prometheus as if its own client had counted it."""

from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from eyeshot import tally
from eyeshot.tally import SECONDS, Level, Tally, Timings


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[CollectorRegistry]:
    registry = CollectorRegistry()
    monkeypatch.setattr(tally, "REGISTRY", registry)
    yield registry


def without_created(page: bytes) -> list[str]:
    return [line for line in page.decode().splitlines() if "_created" not in line]


def test_a_page_is_the_same_as_the_clients_own(registry: CollectorRegistry):
    theirs = CollectorRegistry()
    for counted in (
        Tally("requests", "Requests", ["status"]),
        Counter("requests", "Requests", ["status"], registry=theirs),
    ):
        counted.labels(202).inc()
        counted.labels(202).inc(2)
        counted.labels(400).inc(0)
    for level in (Level("under_way", "Under way"), Gauge("under_way", "Under way", registry=theirs)):
        each = level.labels() if isinstance(level, Level) else level
        each.inc(3)
        each.dec()
    for times in (
        Timings("taken", "Time", ["route"]),
        Histogram("taken", "Time", ["route"], registry=theirs, buckets=SECONDS),
    ):
        for seconds in (0.0, SECONDS[0], 0.0011, SECONDS[-1], 11):
            times.labels("kafka").observe(seconds)
    assert without_created(generate_latest(registry)) == without_created(generate_latest(theirs))


def test_without_labels_it_is_there_before_it_is_counted(registry: CollectorRegistry):
    Tally("events", "Events")
    Timings("taken", "Time")
    page = generate_latest(registry).decode()
    assert "events_total 0.0" in page
    assert "taken_count 0.0" in page
