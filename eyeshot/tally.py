"""Numbers that one thread counts, for Prometheus to read: its own client locks, and looks a label up, each time."""

from abc import abstractmethod
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

T = TypeVar("T")


class Cell:
    """One number."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0.0

    def inc(self, amount: float = 1) -> None:
        """Add."""
        self.value += amount

    def dec(self, amount: float = 1) -> None:
        """Take away."""
        self.value -= amount


class Times:
    """How often something took how long."""

    __slots__ = ("counts", "sum")

    def __init__(self) -> None:
        self.counts = [0] * (len(SECONDS) + 1)
        self.sum = 0.0

    def observe(self, seconds: float) -> None:
        """It took so long."""
        self.counts[bisect_left(SECONDS, seconds)] += 1
        self.sum += seconds


class _Labelled(Collector, Generic[T]):
    """Something for each combination of labels; without labels it is there from the start."""

    def __init__(self, name: str, documentation: str, labels: Sequence[str] = ()) -> None:
        self._named = (name, documentation)
        self._label_names = labels
        self._each: dict[tuple[object, ...], T] = {}
        if not labels:
            self.labels()
        REGISTRY.register(self)

    def labels(self, *values: object) -> T:
        """What is counted under these labels; worth keeping."""
        found = self._each.get(values)
        if found is None:
            found = self._each[values] = self._new()
        return found

    @abstractmethod
    def _new(self) -> T:
        """Nothing counted yet."""

    def _samples(self) -> Iterable[tuple[list[str], T]]:
        return (([str(value) for value in values], each) for values, each in self._each.items())


class Tally(_Labelled[Cell]):
    """A counter."""

    family: type[CounterMetricFamily | GaugeMetricFamily] = CounterMetricFamily

    def _new(self) -> Cell:
        return Cell()

    def collect(self) -> Iterable[Metric]:
        """As they are now."""
        family = self.family(*self._named, labels=self._label_names)
        for values, cell in self._samples():
            family.add_metric(values, cell.value)
        yield family


class Level(Tally):
    """A gauge."""

    family = GaugeMetricFamily


class Timings(_Labelled[Times]):
    """A histogram of seconds."""

    def _new(self) -> Times:
        return Times()

    def collect(self) -> Iterable[Metric]:
        """As they are now."""
        family = HistogramMetricFamily(*self._named, labels=self._label_names)
        for values, times in self._samples():
            bounds = [*map(str, SECONDS), "+Inf"]
            buckets = list(zip(bounds, map(float, accumulate(times.counts)), strict=True))
            family.add_metric(values, buckets, times.sum)
        yield family
