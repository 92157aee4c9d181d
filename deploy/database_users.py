"""The superuser's password in; a database for the main application and a role that owns no other, out."""

import psycopg
from psycopg import sql

from services.rollup.settings import Database

_DEFAULTS = Database(host="-", password="-" * 8)
NAME, USER = _DEFAULTS.name, _DEFAULTS.user
CONNECT_SECONDS = 10


def ensure(host: str, port: int, superuser_password: str, password: str) -> None:
    """Makes role and database, sets the password again, takes away what others could do; raises psycopg.Error."""
    user, name = sql.Identifier(USER), sql.Identifier(NAME)
    with psycopg.connect(
        host=host,
        port=port,
        dbname="postgres",
        user="postgres",
        password=superuser_password,
        connect_timeout=CONNECT_SECONDS,
        autocommit=True,
    ) as admin:
        if not admin.execute("SELECT FROM pg_roles WHERE rolname = %s", [USER]).fetchall():
            admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(user))
        # Hashed here, so that no log of statements can hold it.
        hashed = admin.pgconn.encrypt_password(password.encode(), USER.encode(), b"scram-sha-256").decode()
        admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(user, sql.Literal(hashed)))
        if not admin.execute("SELECT FROM pg_database WHERE datname = %s", [NAME]).fetchall():
            admin.execute(sql.SQL("CREATE DATABASE {}").format(name))
        admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
        # It makes its own schema; what others make there is not its.
        admin.execute(sql.SQL("GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {} TO {}").format(name, user))
