"""Outcomes of attempts and the time in; whether to attempt again now out. A circuit breaker, without a clock."""

from typing import Literal, NamedTuple

from services.collector.settings import Collector

CircuitState = Literal["closed", "open", "half_open"]


class BreakerRules(NamedTuple):
    """When it opens, and how long it waits before a probe; the wait doubles from least to most."""

    failures_max: int
    pause_seconds_min: float
    pause_seconds_max: float


def breaker_rules(settings: Collector) -> BreakerRules:
    """The rules as they are set."""
    return BreakerRules(settings.breaker_failures, settings.probe_ms_min / 1000, settings.probe_ms_max / 1000)


class Breaker(NamedTuple):
    """A circuit. Closed: attempts go through. Open: none does. Half-open: one did, and its outcome is awaited."""

    rules: BreakerRules
    failures: int = 0
    pause_seconds: float = 0.0
    retry_at: float = 0.0
    probing: bool = False

    @property
    def state(self) -> CircuitState:
        """Where it stands."""
        if self.failures < self.rules.failures_max:
            return "closed"
        return "half_open" if self.probing else "open"

    def admits(self, now: float) -> bool:
        """Whether an attempt may be made. Whoever makes one reports `attempted`, then `succeeded` or `failed`."""
        return self.state == "closed" or now >= self.retry_at

    def attempted(self, now: float) -> "Breaker":
        """After an attempt began. A probe whose outcome is never reported blocks the next one for one pause only."""
        if self.state == "closed":
            return self
        return self._replace(probing=True, retry_at=now + self.pause_seconds)

    def succeeded(self) -> "Breaker":
        """After an attempt went well."""
        return Breaker(self.rules) if self.failures else self

    def failed(self, now: float) -> "Breaker":
        """After an attempt failed at `now`. Failures that come late do not prolong the pause."""
        if self.state == "open":
            return self
        failures = self.failures + 1
        if failures < self.rules.failures_max:
            return self._replace(failures=failures)
        doubled = self.pause_seconds * 2 or self.rules.pause_seconds_min
        pause = min(doubled, self.rules.pause_seconds_max)
        return Breaker(self.rules, failures, pause, now + pause)
