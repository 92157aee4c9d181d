"""PostgreSQL, which refuses to run as root: how to be somebody else here, and the program."""

import os
import subprocess
from pathlib import Path

from deploy.native import tools
from deploy.native.program import Folders, Program, Step
from deploy.stack import HOST, Stack

MAX_CONNECTIONS = 100  # PostgreSQL's default, which Compose has; the metastore may take 70 of them

# Its own view of the machine, in which it is an ordinary user: works in folders that only root can enter.
_NAMESPACE = ["unshare", "--user", "--map-user=1000"]
_SETPRIV = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


class CannotRun(Exception):
    """PostgreSQL has no user to run as; the text says what would help."""


def postgres(stack: Stack, folders: Folders) -> Program:
    """The server on 127.0.0.1 with passwords alone; before it, its cluster."""
    home = folders.data("postgres")
    cluster, made = home / "cluster", str(home / "initialised")
    user = _as_somebody_else(home) if os.geteuid() == 0 else []
    initdb, server = tools.find("initdb"), tools.find("postgres")
    # The password by a pipe: in the arguments everybody could read it.
    make = (
        f"exec {initdb} --pgdata='{cluster}' --username=postgres --encoding=UTF8 --locale=C --auth=scram-sha-256 "
        '--pwfile=<(printf "%s\\n" "$POSTGRES_PASSWORD")'
    )
    settings = {
        "listen_addresses": HOST,
        "port": stack.ports["POSTGRES_PORT"],
        "unix_socket_directories": "",
        "password_encryption": "scram-sha-256",
        "shared_buffers": "32MB",
        "max_connections": MAX_CONNECTIONS,
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return Program(
        "postgres",
        [*user, str(server), "-D", str(cluster), *options],
        {"POSTGRES_PASSWORD": stack.variables["POSTGRES_PASSWORD"]},
        before=[
            Step(["rm", "-rf", str(cluster)], made=made),  # what an interrupted initdb left
            Step([*user, "bash", "-c", make], made=made),
            Step(["touch", made]),
            # The launcher has just ended every process of this cluster: a lock that is there names a stranger.
            Step(["rm", "-f", str(cluster / "postmaster.pid")]),
        ],
        stop_signal="INT",  # PostgreSQL's "fast": do not wait for clients
    )


def _as_somebody_else(home: Path) -> list[str]:
    """The words before a command that make it not root."""
    home.mkdir(parents=True, exist_ok=True)
    if _works([*_NAMESPACE, "test", "-w", str(home)]):
        return _NAMESPACE
    if _works([*_SETPRIV, "true"]):
        subprocess.run(["chown", "-R", "postgres:", str(home)], check=True)
        home.parent.chmod(0o711)  # to pass through, not to look around
        if _works([*_SETPRIV, "test", "-w", str(home)]):
            return _SETPRIV
    raise CannotRun(
        "PostgreSQL refuses to run as root, user namespaces are not allowed here, and the user postgres cannot write "
        f"to {home}. Run make as an ordinary user, or put the checkout where the user postgres can enter"
    )


def _works(command: list[str]) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True, timeout=10).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
