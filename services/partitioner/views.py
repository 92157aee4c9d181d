"""The views that people ask instead of the tables, by the columns and zones there are. Pure.

Each passes the partition keys through and filters by none of them itself, so that a query that names no day is refused
as it is on the tables (docs/decisions/0023-views-and-columns-that-came-later.md).
"""

from collections.abc import Sequence

from eyeshot.event import IMPRESSION_TYPES, QUALITY_BITS
from eyeshot.promoted import PROMOTED, Promotion
from eyeshot.table import Column, events_table
from services.partitioner.business_days import business_days
from services.partitioner.view import KEYS, TYPES, View, literal, quoted, sql_columns

EXAMPLE_CHARACTERS_MAX = 200
BIGINT, DOUBLE, BOOLEAN, VARCHAR = "bigint", "double", "boolean", "varchar"


def views(zones: Sequence[str], partition_zone: str, promotions: Sequence[Promotion] = PROMOTED) -> list[View]:
    """Every view. `zones` are those of the business days, `partition_zone` that of the table's days (IANA names)."""
    columns, selected = sql_columns(events_table(promotions)), _selected(promotions)
    return [
        all_events(columns, selected),
        impressions(columns),
        *(business_days(columns, selected, zone, partition_zone) for zone in zones),
        loss_by_browser(),
        accounting(partition_zone),
        drift(promotions),
    ]


def _selected(promotions: Sequence[Promotion]) -> str:
    """The columns of `events`, where a promoted one has the older rows' values too: they are in `extra`."""
    by_name = {each.name: each for each in promotions}
    return ", ".join(
        f'{_promoted(by_name[name])} AS "{name}"' if name in by_name else quoted(name)
        for name in (column.name for column in events_table(promotions).columns)
    )


def all_events(columns: tuple[Column, ...], selected: str) -> View:
    """`events`, and nothing of what was ever sent is elsewhere because of when it was sent."""
    return View(
        "all_events",
        "events, with promoted columns filled in for older rows",
        (*columns, *KEYS),
        f"SELECT {selected}, year, month, day FROM events",
    )


def _promoted(promotion: Promotion) -> str:
    """The column, else the event's own undeclared field, else its batch's."""
    name, type_ = promotion.name, TYPES[promotion.type]
    places = (f'$["{name}"]', f'$["$batch"]["{name}"]')
    values = (f"TRY_CAST(json_extract_scalar(extra, {literal(place)}) AS {type_})" for place in places)
    return f'coalesce("{name}", {", ".join(values)})'


def impressions(columns: tuple[Column, ...]) -> View:
    """What counts, and what is doubtful about it; `page_end`, `frame_hidden`, clicks and names of one's own do not."""
    doubts = {name: f"bitwise_and(coalesce(quality, 0), {bit}) > 0" for name, (bit, _) in QUALITY_BITS.items()}
    selected = "".join(f", {doubt} AS {name}" for name, doubt in doubts.items())
    return View(
        "impressions",
        "links and widgets that were seen, with every doubt as a column of its own",
        (*columns, *(Column(name, BOOLEAN, QUALITY_BITS[name][1]) for name in doubts), *KEYS),
        f"SELECT {quoted(*(column.name for column in columns))}{selected}, year, month, day FROM all_events"
        f" WHERE event_type IN ({', '.join(map(literal, IMPRESSION_TYPES))})",
    )


def loss_by_browser() -> View:
    """Numbers are given out without gaps: a gap is a loss. What came before the first of the day is told apart."""
    return View(
        "loss_by_browser",
        "gaps in the numbers of page views, by day and browser",
        (
            Column("user_agent_browser", VARCHAR, "Family of the browser"),
            Column("page_views", BIGINT, "Page views of which anything came on that day"),
            Column("arrived", BIGINT, "Different events that came"),
            Column("lost", BIGINT, "Numbers missing between those that came"),
            Column("lost_percent", DOUBLE, "Lost of those that arrived or were lost"),
            Column("before", BIGINT, "Numbers before the first that came: lost, or come on the day before"),
            *KEYS,
        ),
        """
SELECT user_agent_browser, count(DISTINCT page_view_id) AS page_views, sum(arrived) AS arrived,
       sum(highest - lowest + 1 - arrived) AS lost,
       round(1e2 * sum(highest - lowest + 1 - arrived) / sum(highest - lowest + 1), 2) AS lost_percent,
       sum(lowest) AS before, year, month, day
FROM (
    SELECT user_agent_browser, year, month, day, page_view_id, source,
           min(sequence) AS lowest, max(sequence) AS highest, count(DISTINCT sequence) AS arrived
    FROM events
    WHERE page_view_id IS NOT NULL
    GROUP BY user_agent_browser, year, month, day, page_view_id, source
)
GROUP BY user_agent_browser, year, month, day
""".strip(),
    )


def accounting(partition_zone: str) -> View:
    """A day in one line: what was stored and rejected, and what is peculiar about it."""
    event_day = f"CAST(with_timezone(event_time, 'UTC') AT TIME ZONE {literal(partition_zone)} AS date)"
    counts = {
        "stored": ("count(*)", "Rows of events"),
        "rejected": ("", "Rows of rejected"),
        "records": ("count(DISTINCT (kafka_partition, kafka_offset))", "Kafka records that events came in"),
        "repeated": (
            "count_if(page_view_id IS NOT NULL)"
            " - count(DISTINCT (page_view_id, source, sequence)) FILTER (WHERE page_view_id IS NOT NULL)",
            "Rows whose identity was there on that day already: copies that came too late to be left out",
        ),
        "without_identity": ("count_if(page_view_id IS NULL)", "Rows that no copy of can be recognised"),
        "late": (f"count_if({event_day} < utc_day)", "Rows that happened on a day before, by event_time"),
        "days_late_max": (f"max(date_diff('day', {event_day}, utc_day))", "How many days before, at most"),
        "in_future": (f"count_if({event_day} > utc_day)", "Rows that happened on a day to come, by event_time"),
        "suspect": ("count_if(suspect IS NOT NULL)", "Rows that are perhaps no person's"),
        "with_extra": ("count_if(extra IS NOT NULL)", "Rows with a field that nobody declared"),
    }
    of_events = ", ".join(f"{sql or '0'} AS {name}" for name, (sql, _) in counts.items())
    nothing = ", ".join("count(*) AS rejected" if name == "rejected" else f"0 AS {name}" for name in counts)
    in_all = ", ".join(f"{'max' if name == 'days_late_max' else 'sum'}({name}) AS {name}" for name in counts)
    return View(
        "accounting",
        "a line for each day: what was stored and rejected, repeated, late",
        (*(Column(name, BIGINT, meaning) for name, (_, meaning) in counts.items()), *KEYS),
        f"""
SELECT {in_all}, year, month, day
FROM (
    SELECT {of_events}, year, month, day
    FROM (SELECT *, CAST(year || '-' || month || '-' || day AS date) AS utc_day FROM events)
    GROUP BY year, month, day
    UNION ALL
    SELECT {nothing}, year, month, day FROM rejected GROUP BY year, month, day
)
GROUP BY year, month, day
""".strip(),
    )


def drift(promotions: Sequence[Promotion]) -> View:
    """Fields that were seen and not declared. An own name that starts with `$` has another `$` in front in `extra`."""
    promoted = f"field IN ({', '.join(literal(each.name) for each in promotions)})" if promotions else "false"
    return View(
        "drift",
        "fields that nobody declared, by day, with how many events have them and an example",
        (
            Column("place", VARCHAR, "Whose field it is: event, batch or envelope"),
            Column("field", VARCHAR, "Its name"),
            Column("events", BIGINT, "How many events have it"),
            Column("example", VARCHAR, "One of its values, as JSON"),
            Column("promoted", BOOLEAN, "Whether it has a column by now"),
            *KEYS,
        ),
        f"""
SELECT place, field, count(*) AS events, substr(min(json_format(value)), 1, {EXAMPLE_CHARACTERS_MAX}) AS example,
       {promoted} AS promoted, year, month, day
FROM (
    SELECT 'event' AS place, IF(field LIKE '$%', substr(field, 2), field) AS field, value, year, month, day
    FROM events CROSS JOIN UNNEST(CAST(json_parse(extra) AS map(varchar, json))) AS t (field, value)
    WHERE field NOT IN ('$batch', '$envelope')
    UNION ALL
    SELECT 'batch', field, value, year, month, day
    FROM events CROSS JOIN UNNEST(CAST(json_extract(extra, '$["$batch"]') AS map(varchar, json))) AS t (field, value)
    UNION ALL
    SELECT 'envelope', field, value, year, month, day
    FROM events CROSS JOIN UNNEST(CAST(json_extract(extra, '$["$envelope"]') AS map(varchar, json))) AS t (field, value)
)
GROUP BY place, field, year, month, day
""".strip(),
    )
