"""The stack's ports on 127.0.0.1: which it uses, and who is in the way."""

import json
import random
import socket
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import psutil

DEFAULTS = {
    "COLLECTOR_PORT": 8400,
    "DEMO_PAGE_PORT": 8401,
    "DEMO_WIDGET_PORT": 8402,
    "COMPACTOR_PORT": 8403,
    "PARTITIONER_PORT": 8404,
    "KEEPER_PORT": 8405,
    "ROLLUP_PORT": 8406,
    "KAFKA_PORT": 19092,
    "KAFKA_CONTROLLER_PORT": 19093,
    "S3_PORT": 19000,
    "METASTORE_PORT": 19083,
    "TRINO_PORT": 18080,
    "POSTGRES_PORT": 15432,
}

FREE_FROM, LAST_PORT = 10_000, 65_535
OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")


class BadPort(Exception):
    """A port variable does not hold a port; the text names it, its value and the bound."""


def from_environment(environment: Mapping[str, str], defaults: Mapping[str, int] = DEFAULTS) -> dict[str, int]:
    """The default ports, each replaced by its variable where that is set; raises BadPort."""
    return {name: _port(name, environment.get(name) or str(default)) for name, default in defaults.items()}


def _port(name: str, value: str) -> int:
    if not value.isdigit() or not 1 <= int(value) <= 65535:
        raise BadPort(f"{name} is `{value}`, but must be a port between 1 and 65535")
    return int(value)


def free() -> dict[str, int]:
    """Ports that nobody listens on now, all different.

    None is of those that the kernel gives to outgoing connections: a client of ours that tries a part before it
    listens could be given the very port it tries, connect to itself, and keep the part from starting.
    """
    candidates = [port for port in range(FREE_FROM, _first_outgoing()) if port not in DEFAULTS.values()]
    random.shuffle(candidates)
    listenable = (port for port in candidates if _can_listen(port))
    return dict(zip(DEFAULTS, listenable, strict=False))


def _first_outgoing() -> int:
    """Where the ports of outgoing connections begin, if they leave enough below."""
    try:
        first = int(OUTGOING.read_text().split()[0])
    except OSError:
        return LAST_PORT
    return first if first >= 2 * FREE_FROM else LAST_PORT


def save(file: Path, ports: Mapping[str, int]) -> None:
    """Keeps the ports of a stack, for the commands that look at it later."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(dict(ports), indent=1) + "\n")


def saved(file: Path) -> dict[str, int] | None:
    """The ports of a stack that was started before."""
    return json.loads(file.read_text()) if file.exists() else None


def taken(ports: Mapping[str, int], but_not: Collection[int] = ()) -> Iterator[str]:
    """One line for every port that another process listens on; `but_not` are the pids of the stack itself."""
    for name, port in ports.items():
        if _can_listen(port):
            continue
        pids = _listeners(port)
        if pids and pids <= set(but_not):
            continue
        who = ", ".join(f"{_name(pid)} (pid {pid})" for pid in sorted(pids)) or "a process of another user"
        yield f"port {port} is in use by {who}: end it, or choose another port with {name}=<port> make up"


def _can_listen(port: int) -> bool:
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _listeners(port: int) -> set[int]:
    """The pids that listen on a port, as far as this user may see them."""
    try:
        there = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return set()
    return {each.pid for each in there if each.status == psutil.CONN_LISTEN and each.laddr[1:] == (port,) and each.pid}


def _name(pid: int) -> str:
    try:
        return str(psutil.Process(pid).name())
    except psutil.Error:
        return "a process"
