"""Fields that come and that nobody declared, as a running stack's lake knows them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from deploy import query
from deploy.stack import Stack
from deploy.table_text import render, width
from eyeshot.table import partition_values

DAYS = 7
REPORT = """
SELECT place, field, sum(events) AS events, min(year || '-' || month || '-' || day) AS first_day,
       min(example) AS example, bool_or(promoted) AS promoted
FROM drift
WHERE year IN ({years}) AND (year, month, day) IN ({days})
GROUP BY place, field
ORDER BY events DESC, field
"""


class NoDay(Exception):
    """The day is none; the text says how one is written."""


def run(stack: Stack, day: str | None) -> int:
    """Prints each such field of a day, or of the last seven, by count with an example; 0. Raises NoDay, QueryFailed."""
    days = [_day(day)] if day else _last(DAYS, stack.time_zone)
    values = [partition_values(each) for each in days]
    statement = REPORT.format(
        years=", ".join(sorted({f"'{year}'" for year, _, _ in values})),
        days=", ".join(f"('{year}', '{month}', '{number}')" for year, month, number in values),
    )
    result = query.run(stack, statement)
    span = f"{min(days)}" if len(days) == 1 else f"{min(days)} to {max(days)}"
    if not result.rows:
        print(f"{span}: every field that came is declared")
        return 0
    print(render(result.columns, result.rows, width()))
    print(f"\n{span}. A field that should have a column: make promote FIELD=… TYPE=string|bigint|double")
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NoDay(f"DAY is `{text}`, but must be a day such as 2026-11-25") from None


def _last(days: int, zone: str) -> list[date]:
    today = datetime.now(UTC).astimezone(ZoneInfo(zone)).date()
    return [today - timedelta(days=ago) for ago in range(days)]
