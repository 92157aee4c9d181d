"""The environment file of a stack of its own: free ports, random secrets, a project name that no other stack has."""

import base64
import secrets
import socket
from pathlib import Path

PORTS = (
    "COLLECTOR_PORT",
    "COMPACTOR_PORT",
    "DEMO_PAGE_PORT",
    "DEMO_WIDGET_PORT",
    "KAFKA_PORT",
    "METASTORE_PORT",
    "PARTITIONER_PORT",
    "POSTGRES_PORT",
    "S3_PORT",
    "TRINO_PORT",
)
S3_USERS = ("COMPACTOR", "PARTITIONER", "TRINO")


def fresh(*, server_knows_users: bool) -> dict[str, str]:
    """Variables of a stack. A server that knows root alone gets root's keys for every user."""
    root = _keys()
    variables = {
        "COMPOSE_PROJECT_NAME": f"eyeshot-test-{secrets.token_hex(4)}",
        "COMPACTOR_FLUSH_SECONDS": "2",
        "KAFKA_CLUSTER_ID": base64.urlsafe_b64encode(b"\0" + secrets.token_bytes(15)).decode().rstrip("="),
        "POSTGRES_PASSWORD": secrets.token_hex(16),
        "HIVE_DB_PASSWORD": secrets.token_hex(16),
        "S3_USERS": "minio" if server_knows_users else "none",
        **_named("ROOT", root),
    }
    for user in S3_USERS:
        variables |= _named(user, _keys() if server_knows_users else root)
    return variables | _free_ports()


def write(variables: dict[str, str], file: Path) -> None:
    """The file that `docker compose --env-file` reads; for its owner's eyes only."""
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}={value}\n" for name, value in variables.items()))


def _keys() -> tuple[str, str]:
    return secrets.token_hex(10), secrets.token_hex(20)


def _named(user: str, keys: tuple[str, str]) -> dict[str, str]:
    return {f"S3_{user}_ACCESS_KEY": keys[0], f"S3_{user}_SECRET_KEY": keys[1]}


def _free_ports() -> dict[str, str]:
    holders = [socket.create_server(("127.0.0.1", 0)) for _ in PORTS]
    numbers = [holder.getsockname()[1] for holder in holders]
    for holder in holders:
        holder.close()
    return dict(zip(PORTS, map(str, numbers), strict=True))
