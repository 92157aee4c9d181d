"""What the log says of the days in; which are to lie in a colder tier, and when the next one is, out. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from eyeshot.commit_log import DataFile
from eyeshot.live import LiveTable
from eyeshot.table import Slot, day_end_ms
from eyeshot.tier import COLDER, TIERS, Tier, coldest, is_colder

A_DAY_MS = 24 * 3_600_000


class Ages(NamedTuple):
    """A day moves so many days after its end; 0: never."""

    warm_days: int
    cold_days: int

    def days(self, tier: Tier) -> int:
        """After how many days a day is to lie in this tier."""
        return {"hot": 0, "warm": self.warm_days, "cold": self.cold_days}[tier]


class Move(NamedTuple):
    """A day, and the tier that it is to lie in."""

    slot: Slot
    tier: Tier


class Next(NamedTuple):
    """The move that comes next, and when it is due, epoch ms."""

    move: Move
    at: int


class Share(NamedTuple):
    """What lies in a tier: days of tables, their files and bytes, and what leaves it next, if anything ever does."""

    tier: Tier
    days: int
    files: int
    bytes: int
    next: Next | None


NEVER = Ages(0, 0)


def moved_at(day: date, tier: Tier, zone: ZoneInfo, ages: Ages) -> int:
    """When the day is due in that tier, epoch ms."""
    return day_end_ms(day, zone) + ages.days(tier) * A_DAY_MS


def due(day: date, zone: ZoneInfo, now_ms: int, ages: Ages) -> Tier:
    """The coldest tier in which the day is due by now."""
    return coldest(tier for tier in COLDER if ages.days(tier) and moved_at(day, tier, zone, ages) <= now_ms)


def tier_of(files: Sequence[DataFile]) -> Tier:
    """The tier of a day: the coldest of its files', for a file that comes later (a repair) is hot at first."""
    return coldest(file.tier for file in files)


def to_move(live: LiveTable, closed: Sequence[Slot], zone: ZoneInfo, now_ms: int, ages: Ages) -> list[Move]:
    """The closed days of which a file lies hotter than it should; nothing is ever moved to a hotter tier."""
    moves = []
    for slot in closed:
        files, wanted = live.files(slot), due(slot.day, zone, now_ms, ages)
        if any(is_colder(wanted, file.tier) for file in files):
            moves.append(Move(slot, coldest((wanted, tier_of(files)))))
    return moves


def shares(live: LiveTable, zone: ZoneInfo, ages: Ages) -> list[Share]:
    """What lies in each tier, hottest first."""
    return [_share(tier, live, zone, ages) for tier in TIERS]


def _share(tier: Tier, live: LiveTable, zone: ZoneInfo, ages: Ages) -> Share:
    slots = [slot for slot in live.days() if tier_of(live.files(slot)) == tier]
    files = [file for slot in slots for file in live.files(slot)]
    colder = [each for each in TIERS if is_colder(each, tier) and ages.days(each)]
    coming = [
        Next(Move(slot, colder[0]), moved_at(slot.day, colder[0], zone, ages)) for slot in slots if colder
    ]  # the next tier is always the one due first
    return Share(
        tier,
        len(slots),
        len(files),
        sum(file.bytes for file in files),
        min(coming, key=lambda each: each.at, default=None),
    )
