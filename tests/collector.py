"""A collector over twins in memory, with a clock and a chance that stand still."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from httpx2 import Response
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from services.collector.app import build
from services.collector.assets import Release
from services.collector.breaker import BreakerRules
from services.collector.intake import Intake
from services.collector.relay import Relay
from services.collector.settings import Collector
from services.collector.sites import Site
from tests.builders import NOW_MS, encoded
from tests.twins import MemoryPublisher, MemorySpool

RULES = BreakerRules(failures_max=3, pause_seconds_min=1, pause_seconds_max=1)
SITES = {
    "demo": Site(test_mode=True),
    "news": Site(origins=frozenset({"https://news.example"}), query_names=frozenset({"id"})),
    "strict": Site(origins=frozenset({"https://strict.example"}), require_origin=True),
    "small": Site(events_per_second=10, events_burst=500),
}


@dataclass
class Running:
    """The parts of a running collector, and what stands still around it."""

    publisher: MemoryPublisher = field(default_factory=MemoryPublisher)
    spool: MemorySpool = field(default_factory=MemorySpool)
    seconds: float = 0.0
    chance: float = 0.0
    releases: dict[str, Release] = field(default_factory=dict)
    intake: Intake = field(init=False)
    client: TestClient = field(init=False)

    def post(self, batch: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
        """Post a batch."""
        answer: Response = self.client.post("/v1/events", content=encoded(batch), headers=headers)
        return answer


@contextmanager
def run(settings: Collector) -> Iterator[Running]:
    """Run a collector in this process."""
    running = Running()
    relay = Relay(running.publisher, running.spool, rules=RULES, drain_records=10, monotonic=lambda: running.seconds)
    running.intake = Intake(
        settings,
        relay,
        lambda: SITES,
        clock=lambda: NOW_MS,
        chance=lambda: running.chance,
        monotonic=lambda: running.seconds,
    )
    with TestClient(build(settings, relay, running.intake, lambda: running.releases)) as running.client:
        yield running


def sums(page: str, *, spool: bool = True, idle: bool = False) -> Iterator[tuple[str, float, float]]:
    """Every sum that a metrics page must show, per worker and site: what it says, its left side and its right.

    `spool`: the spool counts (one in memory does not). `idle`: nothing may be under way.
    """
    samples: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            name = sample.name.removeprefix("eyeshot_collector_").removesuffix("_total")
            worker = sample.labels.get("worker", "0")
            samples[worker][name] += sample.value
            if "site" in sample.labels:
                samples[f"{worker} {sample.labels['site']}"][name] += sample.value
    for where, counted in samples.items():
        for total, parts in _SUMS.items():
            if "spool" in total and not spool:
                continue
            right = sum(counted[part] for part in parts)
            yield f"{where}: {total}", sum(counted[each] for each in total.split(" + ")), right
        if idle:
            yield f"{where}: under way", counted["requests_under_way"] + counted["events_under_way"], 0


_SUMS = {
    "requests_received": ["requests", "requests_under_way"],
    "events_received": ["events_accepted", "events_rejected", "events_refused", "events_under_way"],
    "spool_adopted + records_spooled": ["records_drained", "spool_set_aside", "spool_unreadable", "spool_records"],
}
