"""Rows of `events` in; the table that a rollup must make of them, counted the plain way, out."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from eyeshot.table import day_of

Row = dict[str, Any]
NAMES = ("site", "page", "link", "placement")
IMPRESSIONS = ("link_impression", "widget_impression")


def business_day(row: Row, zone: str) -> str:
    """The day on which the row was received."""
    return str(day_of(round(row["received_at"].replace(tzinfo=UTC).timestamp() * 1000), ZoneInfo(zone)))


def table(rows: Iterable[Row], zone: str = "UTC") -> list[Row]:
    """The rows of the table, in its order: an identity counts once in its group, suspects do not."""
    seen: dict[tuple[Any, ...], dict[Any, Row]] = defaultdict(dict)
    views: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for row in rows:
        if row.get("suspect"):
            continue
        day = business_day(row, zone)
        site, page, link, placement = ((row[name] or "").replace("\0", "\ufffd") for name in NAMES)
        identity: tuple[Any, ...] = (row["page_view_id"], row["source"], row["sequence"])
        if None in identity:
            identity = (row["kafka_partition"], row["kafka_offset"], row["batch_index"])
        if row["page_view_id"] is not None:
            views[day, site, page].add(row["page_view_id"])
        seen[day, site, page, link, placement].setdefault((row["event_type"], identity), row)
    made = []
    for (day, site, page, link, placement), group in sorted(seen.items()):
        shown = [row for (kind, _), row in group.items() if kind in IMPRESSIONS]
        clicks = sum(kind == "link_click" for kind, _ in group)
        if not shown and not clicks:
            continue
        times = [min(row["visible_ms"], 86_400_000) for row in shown if row["visible_ms"] is not None]
        seen_in = len({row["page_view_id"] for row in shown if row["page_view_id"] is not None})
        of_page = len(views[day, site, page])
        made.append(
            {
                "zone": zone,
                "day": day,
                "site": site,
                "page": page,
                "link": link,
                "placement": placement,
                "impressions": len(shown),
                "clicks": clicks,
                "page_views": seen_in,
                "page_views_of_page": of_page,
                "visible_ms": sum(times),
                "timed_impressions": len(times),
                "viewable_rate": seen_in / of_page if of_page else None,
                "mean_visible_ms": sum(times) / len(times) if times else None,
            }
        )
    return made
