"""A statement in, the rows of Trino's answer out; asked from threads, for the client is not async."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from typing import Any

import requests
import trino
from trino.exceptions import Error, TrinoQueryError

from services.rollup.ports import QuestionFailed, TrinoUnavailable
from services.rollup.settings import Trino as Settings

ROWS_AT_ONCE = 10_000
# Trino while it starts, ends or misses its metastore, and a lake whose tables the partitioner has not made yet.
NOT_NOW = frozenset(
    {
        "NO_NODES_AVAILABLE",
        "SERVER_STARTING_UP",
        "SERVER_SHUTTING_DOWN",
        "HIVE_METASTORE_ERROR",
        "CATALOG_NOT_FOUND",
        "CATALOG_NOT_AVAILABLE",
        "SCHEMA_NOT_FOUND",
        "TABLE_NOT_FOUND",
    }
)


class TrinoClient:
    """Opens a connection per statement."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def rows(self, statement: str) -> AsyncGenerator[list[Sequence[Any]], None]:
        """The answer's rows, some at a time. Raises TrinoUnavailable, QuestionFailed."""
        with requests.Session() as session:
            session.trust_env = False  # REQUESTS_CA_BUNDLE and proxies in the environment are meant for others
            cursor = self._connect(session).cursor()
            ended = False
            try:
                await self._call(cursor.execute, statement)
                while rows := await self._call(cursor.fetchmany, ROWS_AT_ONCE):
                    yield rows
                ended = True
            finally:
                if not ended:
                    with suppress(Error, requests.RequestException):  # it may be gone; then its query is, too
                        await asyncio.shield(asyncio.to_thread(cursor.cancel))

    def _connect(self, session: requests.Session) -> Any:
        return trino.dbapi.connect(
            host=self._settings.host,
            port=self._settings.port,
            user=self._settings.user,
            source="eyeshot-rollup",
            catalog=self._settings.catalog,
            schema=self._settings.schema,
            http_session=session,
            request_timeout=self._settings.answer_seconds,
            max_attempts=1,
            session_properties={"query_max_run_time": f"{self._settings.run_seconds_max}s"},
        )

    async def _call(self, method: Any, argument: Any) -> Any:
        try:
            return await asyncio.to_thread(method, argument)
        except TrinoQueryError as refused:
            text = f"Trino: {refused.error_name}: {refused.message}"
            raise (TrinoUnavailable if refused.error_name in NOT_NOW else QuestionFailed)(text) from refused
        except (Error, requests.RequestException) as absent:
            where = f"{self._settings.host}:{self._settings.port}"
            raise TrinoUnavailable(f"Trino at {where}: {type(absent).__name__}: {absent}") from absent
