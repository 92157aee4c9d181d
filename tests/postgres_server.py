"""A real PostgreSQL for tests: the native stack's, with its roles, on a free port and in a folder of the test's own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from deploy import database_users, ports, probe, secrets
from deploy.native import tools
from deploy.native.postgres import postgres
from deploy.native.program import Folders
from deploy.patience import until
from deploy.stack import HOST, Stack
from services.rollup.settings import Database
from tests.chaos.process import Process

SECONDS = 60.0


@contextmanager
def running(folder: Path) -> Iterator[Database]:
    """How the rollup connects to it; where its programs are absent the test is skipped, in CI it fails."""
    if not tools.find("postgres") or not tools.find("initdb"):
        reason = "no PostgreSQL server: apt-get install postgresql"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    stack = Stack("native", folder, folder / ".env", ports.free(), secrets.ensure(folder / ".env"), demo=False)
    folders = Folders(folder)
    folders.make()
    process = Process(postgres(stack, folders), folders, lambda: probe.postgres(stack))
    process.start()
    try:
        process.wait_ready()
        port, password = stack.ports["POSTGRES_PORT"], stack.variables["ROLLUP_DB_PASSWORD"]
        superuser = stack.variables["POSTGRES_PASSWORD"]
        until(
            "PostgreSQL",
            lambda: database_users.ensure(HOST, port, superuser, password),
            SECONDS,
            psycopg.OperationalError,
        )
        database_users.ensure(HOST, port, superuser, password)  # again, it changes nothing
        yield Database(host=HOST, port=port, password=password)
    finally:
        process.stop()
