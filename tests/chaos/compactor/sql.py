"""What Trino counts in a run's lake."""

from collections.abc import Callable

from deploy import query
from deploy.patience import until
from deploy.stack import Stack
from tests.chaos.compactor.prober import Counted

TABLES = ("events", "rejected")
COUNT = (
    "SELECT count(*), count(DISTINCT (kafka_partition, kafka_offset, coalesce(batch_index, 0))) "
    "FROM {schema}.{table} WHERE year >= '2000'"
)
REGISTERED_SECONDS = 120.0


class NotRegistered(Exception):
    """Trino does not see all rows yet; the text says what it sees."""


def by_sql(stack: Stack, schema: str) -> Callable[[], Counted]:
    """Counts by SQL. Raises QueryFailed while Trino, or the store under it, is away."""

    def look() -> Counted:
        counted = [query.run(stack, COUNT.format(schema=schema, table=table), wait=0).rows[0] for table in TABLES]
        return Counted(sum(rows for rows, _ in counted), sum(distinct for _, distinct in counted))

    return look


def settled(look: Callable[[], Counted], rows: int) -> Counted:
    """The count once it is what the files hold, or the last one when it never is."""
    last = Counted(0, 0)

    def seen() -> Counted:
        nonlocal last
        try:
            last = look()
        except query.QueryFailed as refused:
            raise NotRegistered(str(refused)) from refused
        if last.rows < rows:
            raise NotRegistered(f"{last.rows} of {rows} rows")
        return last

    until("SQL", seen, REGISTERED_SECONDS, NotRegistered)
    return last
