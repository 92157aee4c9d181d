"""The collector's answers, over twins in memory."""

import gzip
import json
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from eyeshot.reading import read_record
from services.collector.settings import Collector
from tests.builders import NOW_MS, PAGE_VIEW, batch, encoded, event
from tests.collector import Running, run, sums

SETTINGS = Collector(
    body_bytes_max=2_000,
    inflated_bytes_max=4_000,
    retry_after_seconds=7,
    address_requests_per_second=1,
    address_requests_burst=100,
)
FOREIGN = {"Origin": "https://elsewhere.example"}
NEWS = {"Origin": "https://news.example"}


@pytest.fixture
def running() -> Iterator[Running]:
    with run(SETTINGS) as running:
        running.spool.full = "the spool is full"
        yield running
        for line, left, right in sums(running.client.get("/metrics").text, spool=False, idle=True):
            assert left == right, line


@pytest.fixture
def client(running: Running) -> TestClient:
    return running.client


def test_a_batch_becomes_one_record_with_its_page_view_as_key(running: Running):
    answer = running.post(batch(e=[event()] * 3), {"User-Agent": "Firefox"})
    assert (answer.status_code, answer.json()) == (202, {"accepted": 3, "rejected": []})
    ((key, value),) = running.publisher.records
    read = read_record(value)
    assert key == PAGE_VIEW.encode()
    assert read.envelope is not None
    assert (read.envelope.received_at, read.envelope.user_agent) == (NOW_MS, "Firefox")
    assert len(read.reading.events) == 3


def test_a_bad_event_is_reported_by_index_and_still_published(running: Running):
    answer = running.post(batch(e=[event(), event(ts="x")]))
    assert answer.status_code == 202
    assert answer.json()["rejected"] == [
        {"index": 1, "reason": "Expected `int`, got `str` - at `$.events[1].timestamp`"}
    ]
    assert len(running.publisher.records) == 1


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", "truncated"),
        (b"null", "Expected `object`, got `null` - at `$`"),
        (encoded(batch(pv="short")), "at `$.page_view_id`"),
    ],
)
def test_a_malformed_body_is_answered_400_with_the_place_and_not_published(running: Running, body: bytes, error: str):
    answer = running.client.post("/v1/events", content=body)
    assert answer.status_code == 400
    assert error in answer.json()["error"]
    assert running.publisher.records == []


@pytest.mark.parametrize(("spare", "status"), [(0, 202), (1, 413)])
@pytest.mark.parametrize("announced", [True, False])
def test_a_body_is_read_up_to_the_limit(client: TestClient, spare: int, status: int, announced: bool):
    body = encoded(batch())
    padded = body + b" " * (SETTINGS.body_bytes_max + spare - len(body))
    content = padded if announced else iter([padded[:1000], padded[1000:]])
    assert client.post("/v1/events", content=content).status_code == status


@pytest.mark.parametrize(("spare", "status"), [(0, 202), (1, 413)])
def test_a_gzip_body_is_inflated_up_to_its_own_limit(client: TestClient, spare: int, status: int):
    body = encoded(batch())
    padded = body + b" " * (SETTINGS.inflated_bytes_max + spare - len(body))
    answer = client.post("/v1/events", content=gzip.compress(padded), headers={"Content-Encoding": "gzip"})
    assert answer.status_code == status


@pytest.mark.parametrize(("spare", "status"), [(0, 202), (1, 503)])
def test_bytes_in_memory_are_bounded_and_given_back(spare: int, status: int):
    body = encoded(batch()).ljust(1024 + spare)
    with run(Collector(in_flight_bytes_max=1024)) as running:
        for _ in range(3):
            assert running.client.post("/v1/events", content=body).status_code == status
        assert running.post(batch()).status_code == 202


def test_without_kafka_and_room_in_the_spool_the_answer_is_503_with_a_time_to_retry(running: Running):
    running.publisher.trouble = "Kafka is away"
    running.chance = 0.5
    answer = running.post(batch())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "11")
    assert answer.headers["access-control-expose-headers"] == "Retry-After"
    ready = running.client.get("/health/ready")
    assert (ready.status_code, ready.text) == (503, "Kafka is away; the spool is full\n")
    assert running.client.get("/health/live").status_code == 200


def test_with_room_in_the_spool_the_answer_stays_202_and_it_is_ready(running: Running):
    running.publisher.trouble, running.spool.full = "Kafka is away", None
    assert running.post(batch()).status_code == 202
    assert running.client.get("/health/ready").status_code == 200


def test_a_site_nobody_registered_is_refused(running: Running):
    assert running.post(batch(s="stranger")).status_code == 403
    assert running.publisher.records == []


def test_only_the_sites_own_origins_may_send_and_every_page_may_read_its_answer(running: Running):
    for headers, status in ((NEWS, 202), (FOREIGN, 403), ({"Origin": "null"}, 403), ({}, 202)):
        answer = running.post(batch(s="news"), headers)
        assert answer.status_code == status
        assert answer.headers.get("access-control-allow-origin") == headers.get("Origin")
        assert answer.headers["vary"] == "Origin"
        assert "access-control-allow-credentials" not in answer.headers
        assert "set-cookie" not in answer.headers


def test_a_site_may_insist_on_an_origin(running: Running):
    assert running.post(batch(s="strict")).status_code == 403


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8401", "http://localhost:1", "http://localhost"])
def test_the_demo_site_takes_pages_of_this_machine(running: Running, origin: str):
    assert running.post(batch(), {"Origin": origin}).status_code == 202
    assert running.post(batch(s="news"), {"Origin": origin}).status_code == 403


def test_a_preflight_is_answered(client: TestClient):
    answer = client.options("/v1/events", headers=NEWS | {"Access-Control-Request-Method": "POST"})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == NEWS["Origin"]
    assert answer.headers["access-control-allow-headers"] == "content-type, content-encoding"


def test_only_posts_are_taken(client: TestClient):
    answer = client.get("/v1/events")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, OPTIONS")


def test_a_site_over_its_quota_is_told_when_to_come_back_and_the_others_are_not_slowed():
    some = batch(s="small", e=[event()] * 20)
    with run(Collector()) as running:
        assert running.post(batch(s="small", e=[event()] * 500)).status_code == 202
        answer = running.post(some)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
        assert running.post(batch(s="news")).status_code == 202
        running.seconds = 2
        assert running.post(some).status_code == 202


def test_a_network_over_its_quota_is_told_when_to_come_back(running: Running):
    for _ in range(SETTINGS.address_requests_burst):
        assert running.post(batch()).status_code == 202
    answer = running.post(batch())
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    running.seconds = 1
    assert running.post(batch()).status_code == 202


def test_query_strings_are_stripped_but_for_the_names_that_a_site_allows(running: Running):
    posted = batch(p="https://news.example/a?token=1&id=2", e=[event(l="https://shop.example/?id=3"), event()])
    running.post(posted)
    running.post(posted | {"s": "news"})
    kept = [read_record(value).reading for _, value in running.publisher.records]
    assert [(each.head.page, each.events[0].event.link) for each in kept] == [
        ("https://news.example/a", "https://shop.example/"),
        ("https://news.example/a?id=2", "https://shop.example/?id=3"),
    ]


@pytest.mark.parametrize(
    ("headers", "status", "agent"),
    [({"Sec-GPC": "1"}, 403, None), ({"DNT": "1"}, 202, None), ({"DNT": "0"}, 202, "Firefox")],
)
def test_a_reader_who_opted_out_is_respected(running: Running, headers: dict[str, str], status: int, agent: str | None):
    assert running.post(batch(), headers | {"User-Agent": "Firefox"}).status_code == status
    envelopes = [read_record(value).envelope for _, value in running.publisher.records]
    assert [each.user_agent for each in envelopes if each] == [agent] * (status == 202)


def test_nothing_is_logged_of_a_reader(running: Running, caplog: pytest.LogCaptureFixture):
    caplog.set_level("DEBUG")
    running.publisher.trouble = "away"
    running.post(batch(), {"User-Agent": "a-very-special-agent", "X-Forwarded-For": "203.0.113.77"})
    assert "a-very-special-agent" not in caplog.text
    assert "203.0.113.77" not in caplog.text


def test_after_sigterm_it_is_not_ready_and_closes_connections_but_still_answers(running: Running):
    running.intake.stop()
    assert running.client.get("/health/ready").text == "stopping\n"
    answer = running.post(batch())
    assert (answer.status_code, answer.headers["connection"]) == (202, "close")


def test_an_answer_is_json_that_nobody_may_cache(client: TestClient):
    answer = client.post("/v1/events", content=json.dumps(batch()))
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/json", "no-store")
