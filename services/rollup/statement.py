"""A business day in; the question to Trino and the meaning of its answer out. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from eyeshot.table import partition_values
from services.rollup.core import Piece, key

IMPRESSIONS = ("link_impression", "widget_impression")
CLICKS = ("link_click",)
VISIBLE_MS_MAX = 86_400_000  # one day: what is above it is no time that somebody looked
VERSION = 1  # raised when the same rows would give other numbers

LINK, PAGE, WHOLE = 0, 3, 15  # what grouping() says of (site, page, link, placement)


class Rules(NamedTuple):
    """Which events count."""

    with_suspects: bool = False
    refused_quality: int = 0  # impressions with one of these bits of `quality` do not count

    @property
    def definition(self) -> str:
        """What is stored with a day: it is computed again when this is another."""
        suspects = "counted" if self.with_suspects else "left out"
        return f"version {VERSION}, suspects {suspects}, quality without {self.refused_quality}"


class Share(NamedTuple):
    """One of several questions about a day: the page views whose hash ends like this."""

    number: int = 0
    of: int = 1


class Group(NamedTuple):
    """One row of the answer: a link on a page, or (`link` None) a page as a whole."""

    key: bytes | None
    site: str
    page: str
    link: str | None
    placement: str | None
    impressions: int
    clicks: int
    page_views: int
    visible_ms: int
    timed: int


class Totals(NamedTuple):
    """What the question came across: rows of each piece's partition, and of the business day what did not count."""

    seen: tuple[int, ...]
    events: int
    duplicates: int
    suspects: int
    late: int

    def plus(self, other: "Totals") -> "Totals":
        """Both shares together; each of them saw all rows."""
        return Totals(self.seen, *(mine + its for mine, its in zip(self[1:], other[1:], strict=True)))


def counting(pieces: Sequence[Piece]) -> str:
    """How many rows each day partition has: read from the files' footers."""
    counted = ", ".join(f"count_if({_partition(piece)})" for piece in pieces)
    return f"SELECT {counted} FROM events WHERE {_partitions(pieces)}"  # noqa: S608 - dates of ours alone


def question(pieces: Sequence[Piece], start_ms: int, rules: Rules, share: Share) -> str:
    """The SQL. Every row of the partitions is counted as seen; those of the business day once by their identity."""
    wanted = " OR ".join(f"({_belongs(piece)})" for piece in pieces)
    suspect = "FALSE" if rules.with_suspects else "suspect IS NOT NULL"
    refused = f"bitwise_and(coalesce(quality, 0), {rules.refused_quality}) <> 0"
    seen = "".join(f", count_if({_partition(piece)}) AS seen_{place}" for place, piece in enumerate(pieces))
    sums = "".join(f", sum(seen_{place})" for place in range(len(pieces)))
    return f"""
WITH marked AS (
    SELECT *, ({wanted}) AND {_in(share)} AS mine,
        page_view_id IS NOT NULL AND source IS NOT NULL AND sequence IS NOT NULL AS numbered,
        CASE WHEN event_type IN {_words(IMPRESSIONS)} AND {refused} THEN 'other'
             WHEN event_type IN {_words(IMPRESSIONS)} THEN 'impression'
             WHEN event_type IN {_words(CLICKS)} THEN 'click'
             ELSE 'other' END AS kind
    FROM events
    WHERE {_partitions(pieces)}
), told AS (
    SELECT *, mine AND NOT ({suspect}) AS counted, mine AND {suspect} AS left_out FROM marked
), once AS (
    SELECT IF(counted, {_text("site")}) AS site, IF(counted, {_text("page")}) AS page,
        IF(counted, {_text("link")}) AS link, IF(counted, {_text("placement")}) AS placement,
        IF(counted, kind) AS kind, IF(counted, page_view_id) AS page_view_id,
        least(max(visible_ms), {VISIBLE_MS_MAX}) AS visible_ms, min(event_time) AS event_time,
        count(*) AS copies, count_if(left_out) AS left_out{seen}
    FROM told
    GROUP BY 1, 2, 3, 4, 5, 6, IF(counted AND numbered, source), IF(counted AND numbered, sequence),
        IF(counted AND NOT numbered, kafka_partition), IF(counted AND NOT numbered, kafka_offset),
        IF(counted AND NOT numbered, batch_index)
)
SELECT grouping(site, page, link, placement), site, page, link, placement,
    count_if(kind = 'impression'), count_if(kind = 'click'),
    count(DISTINCT page_view_id) FILTER (WHERE kind = 'impression'), count(DISTINCT page_view_id),
    sum(visible_ms) FILTER (WHERE kind = 'impression'), count(visible_ms) FILTER (WHERE kind = 'impression'),
    count(kind), sum(copies) FILTER (WHERE kind IS NOT NULL), sum(left_out),
    count_if(kind <> 'other' AND event_time < {_time(start_ms)}){sums}
FROM once
GROUP BY GROUPING SETS ((site, page, link, placement), (site, page), ())"""  # noqa: S608 - numbers and dates of ours


def groups(rows: Sequence[Sequence[Any]]) -> list[Group]:
    """The links and pages among the answer's rows; links that were neither seen nor clicked are left out."""
    return [each for each in map(_group, rows) if each]


def totals(rows: Sequence[Sequence[Any]]) -> Totals | None:
    """The totals, if they are among these rows of the answer."""
    for row in rows:
        if row[0] == WHOLE:
            events, copies, left_out, late, *seen = (value or 0 for value in row[11:])
            return Totals(tuple(seen), events, copies - events, left_out, late)
    return None


def _group(row: Sequence[Any]) -> Group | None:
    level, site, page, link, placement, impressions, clicks, seen_in, views, visible_ms, timed = row[:11]
    if site is None or level == WHOLE:
        return None
    if level == PAGE:
        return Group(None, site, page, None, None, impressions, clicks, views, visible_ms or 0, timed)
    if not impressions + clicks:
        return None
    names = (site, page, link, placement)
    return Group(key(*names), *names, impressions, clicks, seen_in, visible_ms or 0, timed)


def _partition(piece: Piece) -> str:
    year, month, day = partition_values(piece.day)
    return f"(year = '{year}' AND month = '{month}' AND day = '{day}')"


def _partitions(pieces: Sequence[Piece]) -> str:
    return "(" + " OR ".join(_partition(piece) for piece in pieces) + ")"


def _belongs(piece: Piece) -> str:
    since = "" if piece.since is None else f" AND received_at >= {_time(piece.since)}"
    until = "" if piece.until is None else f" AND received_at < {_time(piece.until)}"
    return _partition(piece) + since + until


def _in(share: Share) -> str:
    """Rows of one page view are in one share, and those without one spread over all."""
    if share.of == 1:
        return "TRUE"
    named = "to_utf8(coalesce(page_view_id, CAST(kafka_offset AS varchar)))"
    return f"bitwise_and(from_big_endian_64(xxhash64({named})), {share.of - 1}) = {share.number}"


def _text(column: str) -> str:
    """PostgreSQL holds no NUL in a text; none is empty."""
    return f"replace(coalesce({column}, ''), chr(0), chr(65533))"


def _words(names: Sequence[str]) -> str:
    return "(" + ", ".join(f"'{name}'" for name in names) + ")"


def _time(epoch_ms: int) -> str:
    return f"TIMESTAMP '{datetime.fromtimestamp(epoch_ms / 1000, UTC):%Y-%m-%d %H:%M:%S.%f}'"
