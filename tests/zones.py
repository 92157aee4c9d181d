"""Twelve zones, the days on which their clocks change, and which day is right: by the calendar, not by our code."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

# Half and quarter hours, both ends of the map, clocks that change at midnight (Havana, Beirut) and by half an hour.
ZONES = (
    "UTC",
    "Europe/London",
    "Europe/Paris",
    "America/New_York",
    "America/St_Johns",
    "America/Havana",
    "Asia/Beirut",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MS = timedelta(milliseconds=1)
DAY = timedelta(days=1)


def moment(epoch_ms: int) -> datetime:
    """The moment, exactly: dividing a float would round."""
    return EPOCH + epoch_ms * MS


def epoch_ms(time: datetime) -> int:
    """Epoch ms of a moment."""
    return (time - EPOCH) // MS


def local_day(epoch_ms: int, zone: str) -> date:
    """What a calendar on the wall says."""
    return moment(epoch_ms).astimezone(ZoneInfo(zone)).date()


def first_ms(day: date, zone: str) -> int:
    """The first ms of a local day, found by looking: half-way until the calendar's page is between two ms."""
    low = epoch_ms(datetime(day.year, day.month, day.day, tzinfo=UTC) - 2 * DAY)
    high = low + 4 * (DAY // MS)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if local_day(middle, zone) >= day else (middle, high)
    return high


def switches(zone: str, year: int) -> list[date]:
    """The days of the year that are not 24 hours long."""
    days = (date(year, 1, 1) + DAY * number for number in range(365))
    return [day for day in days if first_ms(day + DAY, zone) - first_ms(day, zone) != DAY // MS]


def midnights(zone: str, year: int) -> Iterator[int]:
    """The first ms of days that are worth looking at: around the switches, a month's end, the year's end."""
    ordinary = [date(year, 1, 1), date(year, 3, 1), date(year, 8, 15)]
    for day in (*ordinary, *switches(zone, year)):
        yield first_ms(day, zone)
        yield first_ms(day + DAY, zone)
