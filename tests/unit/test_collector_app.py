"""The collector's answers, over a publisher in memory."""

import gzip
import json
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from eyeshot.reading import read_record
from services.collector.app import build
from services.collector.breaker import BreakerRules
from services.collector.relay import Relay
from services.collector.settings import Collector
from tests.builders import NOW_MS, PAGE_VIEW, batch, encoded, event
from tests.twins import MemoryPublisher, MemorySpool

RULES = BreakerRules(failures_max=3, pause_seconds_min=1, pause_seconds_max=1)
SETTINGS = Collector(body_bytes_max=2_000, inflated_bytes_max=4_000, retry_after_seconds=7)


@pytest.fixture
def publisher() -> MemoryPublisher:
    return MemoryPublisher()


@pytest.fixture
def spool() -> MemorySpool:
    spool = MemorySpool()
    spool.full = "the spool is full"
    return spool


@pytest.fixture
def client(publisher: MemoryPublisher, spool: MemorySpool) -> Iterator[TestClient]:
    relay = Relay(publisher, spool, rules=RULES, drain_records=10)
    with TestClient(build(SETTINGS, relay, lambda: NOW_MS)) as client:
        yield client


def test_a_batch_becomes_one_record_with_its_page_view_as_key(client: TestClient, publisher: MemoryPublisher):
    answer = client.post("/v1/events", content=encoded(batch(e=[event()] * 3)), headers={"User-Agent": "Firefox"})
    assert (answer.status_code, answer.json()) == (202, {"accepted": 3, "rejected": []})
    ((key, value),) = publisher.records
    read = read_record(value)
    assert key == PAGE_VIEW.encode()
    assert read.envelope is not None
    assert (read.envelope.received_at, read.envelope.user_agent) == (NOW_MS, "Firefox")
    assert len(read.reading.events) == 3


def test_a_bad_event_is_reported_by_index_and_still_published(client: TestClient, publisher: MemoryPublisher):
    answer = client.post("/v1/events", content=encoded(batch(e=[event(), event(ts="x")])))
    assert answer.status_code == 202
    assert answer.json()["rejected"] == [
        {"index": 1, "reason": "Expected `int`, got `str` - at `$.events[1].timestamp`"}
    ]
    assert len(publisher.records) == 1


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", "truncated"),
        (b"null", "Expected `object`, got `null` - at `$`"),
        (encoded(batch(pv="short")), "at `$.page_view_id`"),
    ],
)
def test_a_malformed_body_is_answered_400_with_the_place_and_not_published(
    client: TestClient, publisher: MemoryPublisher, body: bytes, error: str
):
    answer = client.post("/v1/events", content=body)
    assert answer.status_code == 400
    assert error in answer.json()["error"]
    assert publisher.records == []


@pytest.mark.parametrize(("spare", "status"), [(0, 202), (1, 413)])
def test_a_body_is_read_up_to_the_limit(client: TestClient, spare: int, status: int):
    body = encoded(batch())
    padded = body + b" " * (SETTINGS.body_bytes_max + spare - len(body))
    assert client.post("/v1/events", content=padded).status_code == status


@pytest.mark.parametrize(("spare", "status"), [(0, 202), (1, 413)])
def test_a_gzip_body_is_inflated_up_to_its_own_limit(client: TestClient, spare: int, status: int):
    body = encoded(batch())
    padded = body + b" " * (SETTINGS.inflated_bytes_max + spare - len(body))
    answer = client.post("/v1/events", content=gzip.compress(padded), headers={"Content-Encoding": "gzip"})
    assert answer.status_code == status


def test_without_kafka_and_room_in_the_spool_the_answer_is_503(client: TestClient, publisher: MemoryPublisher):
    publisher.trouble = "Kafka is away"
    answer = client.post("/v1/events", content=encoded(batch()))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.text) == (503, "Kafka is away; the spool is full\n")
    assert client.get("/health/live").status_code == 200


def test_any_origin_may_post_and_read_the_answer_without_credentials(client: TestClient):
    answer = client.post("/v1/events", content=encoded(batch()), headers={"Origin": "https://news.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert "set-cookie" not in answer.headers


def test_metrics_count_what_was_accepted(client: TestClient):
    def accepted() -> float:
        lines = client.get("/metrics").text.splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith("eyeshot_collector_events_accepted_to"))

    before = accepted()
    client.post("/v1/events", content=json.dumps(batch(e=[event()] * 4)))
    assert accepted() - before == 4
