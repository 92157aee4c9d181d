"""A chance in; something a producer may send, and how many rows must come of it, out. Pure."""

import json
import random
from typing import Any, NamedTuple

from tests.builders import NOW_MS, batch, collected, event, single

EVENTS_MAX = 20
RESENT_ONE_IN = 8
RESENT_FROM_LAST = 200


class Message(NamedTuple):
    """A record to produce. Its name is in every row that comes of it; `identified`, it may be sent twice."""

    name: str
    key: bytes
    value: bytes
    events: int
    identified: bool


class Messages:
    """One producer's messages, one after the other; some are sent again, as they were."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._chance = random.Random(f"messages {seed}")
        self._sent: list[Message] = []
        self._count = 0

    def next(self) -> Message:
        """A new message, or one of the last again."""
        if self._sent and self._chance.randrange(RESENT_ONE_IN) == 0:
            return self._chance.choice(self._sent[-RESENT_FROM_LAST:])
        make = self._chance.choices(
            (self._collected, self._batch, self._half_bad_batch, self._single, self._garbage), (6, 3, 1, 3, 1)
        )[0]
        self._count += 1
        message = make(f"chaos-{self._seed}-{self._count:06d}")
        if message.identified:
            self._sent.append(message)
        return message

    def _collected(self, name: str) -> Message:
        posted = self._posted(name)
        return self._message(name, collected(posted), len(posted["e"]), posted["pv"])

    def _batch(self, name: str) -> Message:
        posted = self._posted(name)
        return self._message(name, posted, len(posted["e"]), posted["pv"])

    def _half_bad_batch(self, name: str) -> Message:
        """One event of it is rejected, the others are stored."""
        posted = self._posted(name)
        posted["e"].insert(self._chance.randrange(len(posted["e"])), event(lb=name, ts="yesterday"))
        return self._message(name, collected(posted), len(posted["e"]), posted["pv"], identified=False)

    def _single(self, name: str) -> Message:
        """It has no identity: what is sent twice is there twice, and so it is sent once."""
        return self._message(name, single(label=name), 1, name, identified=False)

    def _garbage(self, name: str) -> Message:
        return Message(name, name.encode(), f'{{"cut off": "{name}'.encode(), 1, identified=False)

    def _posted(self, name: str) -> dict[str, Any]:
        events = [event(lb=name, ts=NOW_MS - 1_000 + place) for place in range(self._chance.randint(1, EVENTS_MAX))]
        page_view = "".join(self._chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=22))
        return batch(pv=page_view, n=self._chance.randrange(1_000), e=events)

    def _message(self, name: str, value: dict[str, Any], events: int, key: str, *, identified: bool = True) -> Message:
        return Message(name, key.encode(), json.dumps(value).encode(), events, identified)
