"""A seed and a number of events in; Kafka records as the SDK, or a backend, fills the topic with them, out."""

import base64
from collections.abc import Iterator
from itertools import accumulate
from random import Random
from typing import Any, NamedTuple

import msgspec

from bench.schemas import FULL_NAMES
from services.compactor.rows import KafkaRecord

START_MS = 1_764_115_100_000  # 2025-11-25T23:58:20Z: a run crosses midnight, as every compactor does
PARTITIONS = 6
SITES, PAGES, LINKS, AGENTS, NETWORKS = 20, 2_000, 20_000, 200, 50_000
ZIPF_EXPONENT = 1.1
BATCH_EVENTS_MAX = 20
EVENTS_PER_SECOND = 2_000


class Zipf:
    """Ranks from 0, the first ones far more often than the others."""

    def __init__(self, size: int, random: Random) -> None:
        self._ranks = range(size)
        self._weights = list(accumulate(1 / (rank + 1) ** ZIPF_EXPONENT for rank in self._ranks))
        self._random = random

    def draw(self, count: int) -> list[int]:
        """That many ranks."""
        return self._random.choices(self._ranks, cum_weights=self._weights, k=count)


class World(NamedTuple):
    """What there is to be seen, by whom."""

    random: Random
    sites: Zipf
    pages: Zipf
    links: Zipf
    agents: Zipf


class View(NamedTuple):
    """A page view: the fields its batches share, its reader, how wrong their clock is, how many events it will have."""

    head: dict[str, Any]
    agent: str
    network: str
    skew_ms: int
    events: int


def collected_batches(events: int, *, seed: int = 1, full: bool = True) -> Iterator[KafkaRecord]:
    """Collected batches with so many events in all: of 20 each if `full`, else of 1…20 as page views have them."""
    world = _world(seed)
    sent = 0
    offsets = [0] * PARTITIONS
    while sent < events:
        view = _view(world, full=full)
        partition = world.random.randrange(PARTITIONS)
        for first in range(0, view.events, BATCH_EVENTS_MAX):
            now = START_MS + sent * 1000 // EVENTS_PER_SECOND
            size = min(BATCH_EVENTS_MAX, view.events - first)
            value = _collected(world, view, first, size, now)
            yield KafkaRecord(partition, offsets[partition], now + 3, value)
            offsets[partition] += 1
            sent += size


def single_events(events: int, *, seed: int = 1) -> Iterator[KafkaRecord]:
    """The same events one by one in full names, every field and the addresses' queries too: what a backend produces."""
    offset = 0
    for record in collected_batches(events, seed=seed):
        for value in _singles(msgspec.json.decode(record.value)["batch"]):
            yield KafkaRecord(offset % PARTITIONS, offset // PARTITIONS, record.timestamp, value)
            offset += 1


def full_names(events: int, *, seed: int = 1) -> Iterator[dict[str, Any]]:
    """The events of collected batches as objects in full names, each with all that its batch and envelope say."""
    for record in collected_batches(events, seed=seed):
        envelope = msgspec.json.decode(record.value)
        batch = envelope.pop("batch")
        for index, event in enumerate(batch.pop("e")):
            whole = {**batch, **event, "n": batch["n"] + index}
            yield envelope | {FULL_NAMES[name]: value for name, value in whole.items()}


def _world(seed: int) -> World:
    random = Random(seed)  # noqa: S311 - data for a benchmark
    return World(random, *(Zipf(size, random) for size in (SITES, PAGES, LINKS, AGENTS)))


def _view(world: World, *, full: bool) -> View:
    (site,), (page,), (agent,) = world.sites.draw(1), world.pages.draw(1), world.agents.draw(1)
    network = world.random.randrange(NETWORKS)
    batches = world.random.choice((1, 1, 1, 2, 2, 3, 5))
    head = {
        "s": f"site-{site}",
        "p": f"https://site-{site}.example/2025/11/{page % 30:02d}/an-article-with-a-headline-{page}",
        "r": world.random.choice(("https://www.search.example/", f"https://site-{site}.example/", "")),
        "pv": base64.urlsafe_b64encode(world.random.randbytes(17))[:22].decode(),
        "so": "page",
        "v": "0.1.0",
        "vp": world.random.choice(([1920, 947], [1536, 730], [390, 664], [412, 785], [1280, 631])),
    }
    events = batches * BATCH_EVENTS_MAX if full else world.random.randint(1, batches * BATCH_EVENTS_MAX)
    return View(head, _agent(agent), f"10.{network // 256 % 256}.{network % 256}.0/24", _skew_ms(world), events)


def _skew_ms(world: World) -> int:
    """Most clocks are right within a second; some are minutes off, a few an hour."""
    (spread,) = world.random.choices((300, 60_000, 3_600_000), weights=(90, 8, 2))
    return round(world.random.gauss(0, spread))


def _agent(rank: int) -> str:
    return (
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
        f" Chrome/{141 - rank % 50}.0.{rank}.0 Safari/537.36"
    )


def _collected(world: World, view: View, first: int, size: int, now: int) -> bytes:
    sent_at = now + view.skew_ms
    times = sorted(sent_at - world.random.randrange(5_000) for _ in range(size))
    events = [_event(world, link, time) for link, time in zip(world.links.draw(size), times, strict=True)]
    batch = {**view.head, "n": first, "st": sent_at, "e": events}
    envelope = {"received_at": now + 2, "user_agent": view.agent, "ip_prefix": view.network, "batch": batch}
    return msgspec.json.encode(envelope)


def _event(world: World, link: int, time: int) -> dict[str, Any]:
    random = world.random
    event = {
        "et": "link_impression" if random.random() < 0.97 else "link_click",
        "ts": time,
        "pl": "inline",
        "l": f"https://shop-{link % 300}.example/p/{link}",
        "lb": f"Offer {link}",
        "vr": 1 if random.random() < 0.6 else random.randrange(500, 1000) / 1000,
        "vd": 1000 + int(random.expovariate(0.1)),
    }
    if link % 5 == 0:
        event |= {"pl": "widget", "w": f"recommendations-{link % 40}"}
    if random.random() < 0.05:
        event["q"] = 4
    return event


def _singles(batch: dict[str, Any]) -> Iterator[bytes]:
    query = f"?utm_source=newsletter&utm_medium=email&utm_campaign=2025-11-week-{batch['st'] % 5}&utm_content=block-"
    events = batch.pop("e")
    for index, event in enumerate(events):
        one = {**batch, **event, "n": batch["n"] + index}
        one["p"], one["l"] = f"{one['p']}{query}{index}", f"{one['l']}{query}{index}"
        yield msgspec.json.encode({FULL_NAMES[name]: value for name, value in one.items()})
