"""A key, a cost and the time in; 0 when the tokens were there, else the seconds until they are, out."""

from collections import OrderedDict


class Buckets:
    """Token buckets, at most `entries_max`: the one that was used longest ago makes room, and starts full again."""

    def __init__(self, entries_max: int) -> None:
        self._entries_max = entries_max
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: str, cost: float, now: float, *, rate: float, burst: float) -> float:
        """Take `cost` tokens; a bucket holds up to `burst` and fills by `rate` a second. Nothing is taken in part."""
        tokens, then = self._buckets.get(key, (burst, now))
        tokens = min(burst, tokens + (now - then) * rate)
        wait = 0.0 if tokens >= cost else (cost - tokens) / rate
        self._buckets[key] = (tokens if wait else tokens - cost, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._entries_max:
            self._buckets.popitem(last=False)
        return wait
