"""One SQL statement in; its rows and what it cost out."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import requests
import trino
from trino.exceptions import TrinoConnectionError, TrinoQueryError

from deploy.patience import GaveUp, until
from deploy.stack import CATALOG, HOST, SCHEMA, Stack

# For some seconds after its start Trino answers, but finds no worker for a scan.
NOT_YET = {"NO_NODES_AVAILABLE", "SERVER_STARTING_UP"}
NOT_YET_SECONDS = 60.0
ANSWER_SECONDS = 60.0


class QueryFailed(Exception):
    """The statement was refused or Trino is not there; the text says which."""


class _NotYet(Exception):
    """Trino is starting."""


@dataclass(frozen=True)
class Result:
    """A statement's rows; `scanned` in bytes that were read from storage."""

    columns: list[str]
    rows: list[list[Any]]
    seconds: float
    scanned: int


def run(
    stack: Stack,
    statement: str,
    parameters: Sequence[object] | None = None,
    wait: float = NOT_YET_SECONDS,
    place: tuple[str, str] = (CATALOG, SCHEMA),
) -> Result:
    """Runs a statement in a catalog and schema, waiting while Trino is still starting; raises QueryFailed."""
    try:
        return until("Trino", lambda: _once(stack, statement, parameters, place), wait, _NotYet)
    except GaveUp as late:
        raise QueryFailed(str(late)) from late


def _once(stack: Stack, statement: str, parameters: Sequence[object] | None, place: tuple[str, str]) -> Result:
    with requests.Session() as session:
        session.trust_env = False  # a proxy or certificate meant for others is not for 127.0.0.1
        connection = trino.dbapi.connect(
            host=HOST,
            port=stack.ports["TRINO_PORT"],
            user="eyeshot",
            catalog=place[0],
            schema=place[1],
            http_session=session,
            request_timeout=ANSWER_SECONDS,
            max_attempts=1,
        )
        with closing(connection), closing(connection.cursor()) as cursor:
            try:
                cursor.execute(statement, parameters)
                rows = [list(row) for row in cursor.fetchall()]
            except TrinoQueryError as refused:
                raise (_NotYet if refused.error_name in NOT_YET else QueryFailed)(_reason(refused)) from refused
            except (TrinoConnectionError, requests.RequestException) as absent:
                raise QueryFailed(
                    f"Trino does not answer on port {stack.ports['TRINO_PORT']}: is the stack up?"
                ) from absent
            columns = [str(column[0]) for column in cursor.description or []]
            return Result(columns, rows, cursor.stats["elapsedTimeMillis"] / 1000, cursor.stats["physicalInputBytes"])


def _reason(refused: TrinoQueryError) -> str:
    text = f"{refused.error_name}: {refused.message}"
    if "filter required" in str(refused.message).lower():
        text += "\nName the days it is about, such as WHERE year = '2026' AND month = '11' AND day = '25'"
    return text
