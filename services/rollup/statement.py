"""A business day in; the question to Trino and the meaning of its answer out. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from eyeshot.event import IMPRESSION_TYPES
from eyeshot.table import partition_values
from services.rollup.core import Piece, key

CLICKS = ("link_click",)
VISIBLE_MS_MAX = 86_400_000  # one day: what is above it is no time that somebody looked
VERSION = 1  # raised when the same rows would give other numbers


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
    """A link on a page, or what happened there without one; `first_here` adds up to the page's page views."""

    key: bytes
    site: str
    page: str
    link: str
    placement: str
    impressions: int
    clicks: int
    page_views: int
    first_here: int
    visible_ms: int
    timed_impressions: int


class Totals(NamedTuple):
    """What a question came across: rows of each piece's partition, and what was found in the business day."""

    seen: tuple[int, ...]
    events: int = 0
    duplicates: int = 0
    suspects: int = 0
    late: int = 0

    def with_rows(self, other: "Totals") -> "Totals":
        """This and what further rows of the same answer came across."""
        return self.with_share(other)._replace(seen=_sum(self.seen, other.seen))

    def with_share(self, other: "Totals") -> "Totals":
        """This and another share of the day: each of them saw all rows of the partitions."""
        return Totals(self.seen, *_sum(self[1:], other[1:]))


def counting(pieces: Sequence[Piece]) -> str:
    """How many rows each day partition has: read from the files' footers."""
    counted = ", ".join(f"count_if({_partition(piece)})" for piece in pieces)
    return f"SELECT {counted} FROM events WHERE {_partitions(pieces)}"  # noqa: S608 - dates of ours alone


def question(pieces: Sequence[Piece], start_ms: int, rules: Rules, share: Share) -> str:
    """The SQL. Every row of the partitions is counted as seen; of the business day, copies of an event count once.

    A copy has the same identity and says the same; which of the copies is the first does not matter then. Hashes stand
    for what is said: they are only compared among events of one identity, or of one page view.
    """
    wanted = " OR ".join(f"({_belongs(piece)})" for piece in pieces)
    suspect = "FALSE" if rules.with_suspects else "suspect IS NOT NULL"
    refused = f"bitwise_and(coalesce(quality, 0), {rules.refused_quality}) <> 0"
    seen = "".join(f", count_if({_partition(piece)})" for piece in pieces)
    return f"""
WITH marked AS (
    SELECT *, ({wanted}) AND {_in(share)} AS mine, {suspect} AS left_out,
        page_view_id IS NOT NULL AND source IS NOT NULL AND sequence IS NOT NULL AS numbered,
        CASE WHEN event_type IN {_words(IMPRESSION_TYPES)} AND {refused} THEN 'other'
             WHEN event_type IN {_words(IMPRESSION_TYPES)} THEN 'impression'
             WHEN event_type IN {_words(CLICKS)} THEN 'click'
             ELSE 'other' END AS kind
    FROM events
    WHERE {_partitions(pieces)}
), told AS (
    SELECT year, month, day, kind, mine, left_out, event_time, mine AND NOT left_out AS counted,
        {_text("site")} AS site, {_text("page")} AS page, {_text("link")} AS link, {_text("placement")} AS placement,
        least(visible_ms, {VISIBLE_MS_MAX}) AS visible_ms, page_view_id,
        IF(numbered, source) AS source, IF(numbered, sequence) AS sequence,
        IF(NOT numbered, kafka_partition) AS kafka_partition, IF(NOT numbered, kafka_offset) AS kafka_offset,
        IF(NOT numbered, batch_index) AS batch_index
    FROM marked
), ranked AS (
    SELECT *,
        row_number() OVER (PARTITION BY {_if_counted("page_view_id, source, sequence")},
            {_if_counted("kafka_partition, kafka_offset, batch_index")},
            IF(counted, {_hash("site", "page", "link", "placement", "kind", "CAST(visible_ms AS varchar)")})) AS copy,
        row_number() OVER (PARTITION BY {_if_counted("page_view_id")}, IF(counted, {_hash("site", "page")})) AS visit
    FROM told
)
SELECT {_if_counted("site, page, link, placement")},
    count_if(counted AND copy = 1 AND kind = 'impression'), count_if(counted AND copy = 1 AND kind = 'click'),
    count(DISTINCT page_view_id) FILTER (WHERE counted AND kind = 'impression'),
    count_if(counted AND visit = 1 AND page_view_id IS NOT NULL),
    sum(visible_ms) FILTER (WHERE counted AND copy = 1 AND kind = 'impression'),
    count(visible_ms) FILTER (WHERE counted AND copy = 1 AND kind = 'impression'),
    count_if(counted AND copy = 1), count_if(counted AND copy > 1), count_if(mine AND left_out),
    count_if(counted AND event_time < {_time(start_ms)}){seen}
FROM ranked
GROUP BY 1, 2, 3, 4"""  # noqa: S608 - numbers and dates of ours alone


def _sum(some: Sequence[int], others: Sequence[int]) -> tuple[int, ...]:
    return tuple(one + other for one, other in zip(some, others, strict=True))


def groups(rows: Sequence[Sequence[Any]]) -> list[Group]:
    """The groups among the answer's rows; all that does not count is in one row without a site."""
    return [Group._make((key(*row[:4]), *row[:8], row[8] or 0, row[9])) for row in rows if row[0] is not None]


def totals(rows: Sequence[Sequence[Any]], pieces: int) -> Totals:
    """What these rows of the answer came across."""
    sums = [sum(column) for column in zip(*(row[10:] for row in rows), strict=True)] or [0] * (4 + pieces)
    return Totals(tuple(sums[4:]), *sums[:4])


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


def _if_counted(columns: str) -> str:
    """What does not count is one group, and takes no memory."""
    return ", ".join(f"IF(counted, {column})" for column in columns.split(", "))


def _hash(*columns: str) -> str:
    told = ", ".join(f"coalesce({column}, '')" for column in columns)
    return f"xxhash64(to_utf8(concat_ws(chr(0), {told})))"


def _words(names: Sequence[str]) -> str:
    return "(" + ", ".join(f"'{name}'" for name in names) + ")"


def _time(epoch_ms: int) -> str:
    return f"TIMESTAMP '{datetime.fromtimestamp(epoch_ms / 1000, UTC):%Y-%m-%d %H:%M:%S.%f}'"
