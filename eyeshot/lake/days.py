"""The log and the topic in; what the days hold, and which of them are over, out."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from eyeshot.lake.log import CommitLog
from eyeshot.lake.ports import Topic
from eyeshot.live import LiveTable, caught_up
from eyeshot.table import Slot


class LakeDays:
    """What the log says of the days, as far as it was read. All of it may raise StoreUnavailable."""

    def __init__(
        self,
        *,
        log: CommitLog,
        topic: Topic,
        zone: ZoneInfo,
        clock_seconds_max: float,
        epoch_ms: Callable[[], int],
    ) -> None:
        self.live = LiveTable()
        self.zone = zone
        self._log = log
        self._topic = topic
        self._clock_ms_max = round(clock_seconds_max * 1000)
        self._epoch_ms = epoch_ms

    async def read_on(self) -> None:
        """Take up every manifest that was committed meanwhile."""
        async for manifest in self._log.manifests_after(self.live.sequence):
            self.live.append(manifest)

    async def closed(self) -> list[Slot]:
        """The days with files to which no record can come any more. Raises TopicUnavailable."""
        return await self.closed_of(self.live.days())

    async def closed_of(self, slots: list[Slot]) -> list[Slot]:
        """Those of these days, with files or without, to which no record can come. Raises TopicUnavailable."""
        asked_at = self._epoch_ms()
        caught = caught_up(await self._topic.ends(), self.live.next_offsets, asked_at, self._clock_ms_max)
        return [slot for slot in slots if self.live.is_closed(slot, self.zone, caught)]

    def now_ms(self) -> int:
        """The time by the broker's clock, at the earliest."""
        return self._epoch_ms() - self._clock_ms_max
