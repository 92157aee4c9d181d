"""supervisord for one native stack: its configuration, its start and stop, and what it says of each program."""

import contextlib
import hashlib
import http.client
import os
import shlex
import sys
import xmlrpc.client
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from deploy.native import orphans, tools
from deploy.native.commands import run
from deploy.native.program import Folders, Program
from deploy.paths import ROOT
from deploy.patience import until

START_SECONDS = 15.0
# A Unix socket's path has room for 107 characters, and supervisord binds a longer temporary name first.
SOCKET_LENGTH_MAX = 90
# Not the caller's: another shell must not look like another setting.
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class NotRunning(Exception):
    """No supervisor answers for this stack."""


class Insecure(Exception):
    """The folder of the socket belongs to somebody else."""


@dataclass(frozen=True)
class Process:
    """What the supervisor knows of one program."""

    part: str
    state: str
    pid: int
    seconds: int
    exit_status: int


def configuration(folders: Folders, programs: list[Program]) -> str:
    """supervisord.conf: every program restarted whenever it ends, logged apart, stopped in the opposite order."""
    common = [
        "[unix_http_server]",
        f"file={_escape(str(socket(folders.state)))}",
        "chmod=0700",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
        "[supervisord]",
        f"logfile={_escape(str(folders.logs / 'supervisord.log'))}",
        "logfile_maxbytes=5MB",
        "logfile_backups=1",
        f"pidfile={_escape(str(folders.run / 'supervisord.pid'))}",
        f"directory={_escape(str(ROOT))}",
        "umask=077",
        *(["user=root"] if os.geteuid() == 0 else []),
    ]
    for place, program in enumerate(programs):
        common += _section(folders, program, place)
    return "\n".join(common) + "\n"


def _section(folders: Folders, program: Program, place: int) -> list[str]:
    launch = [sys.executable, "-m", "deploy.native.launch", str(folders.state), program.part]
    return [
        f"[program:{program.part}]",
        f"command={_escape(shlex.join(launch))}",
        f"priority={10 * (place + 1)}",
        f"autostart={'false' if program.after_prepare else 'true'}",
        "autorestart=true",
        "startsecs=0",  # never gives up: the launcher keeps the pace
        f"stopsignal={program.stop_signal}",
        f"stopwaitsecs={program.stop_seconds}",
        "stopasgroup=true",
        "killasgroup=true",
        "redirect_stderr=true",
        f"stdout_logfile={_escape(str(folders.logs / program.part))}.log",
        "stdout_logfile_maxbytes=20MB",
        "stdout_logfile_backups=2",
    ]


def _escape(value: str) -> str:
    return value.replace("%", "%%")


def socket(state: Path) -> Path:
    """The supervisor's socket: with the state, or where its path is short enough."""
    near = state / "run" / "supervisor.sock"
    if len(os.fsencode(near)) <= SOCKET_LENGTH_MAX:
        return near
    name = hashlib.sha256(os.fsencode(state)).hexdigest()[:16]
    return Path("/tmp") / f"eyeshot-{os.geteuid()}" / f"{name}.sock"  # noqa: S108 guarded in _guard


def _guard(folder: Path) -> None:
    """Nobody else may reach the socket, so nobody else may own its folder."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    there = folder.lstat()
    if there.st_uid != os.geteuid() or folder.is_symlink():
        raise Insecure(f"{folder} belongs to another user: remove it")
    folder.chmod(0o700)


def start(folders: Folders) -> None:
    """Starts supervisord on the configuration in the state, and waits until it answers."""
    _guard(socket(folders.state).parent)
    environment = base_environment(folders, orphans.SUPERVISOR)
    command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(folders.run / "supervisord.conf")]
    run(command, environment=environment, folder=ROOT)
    until("the supervisor", lambda: processes(folders.state), START_SECONDS, NotRunning)


def base_environment(folders: Folders, part: str) -> dict[str, str]:
    """What every program gets: little of the caller's, and the mark that tells whose it is."""
    kept = {name: os.environ[name] for name in ("HOME", "TZ") if name in os.environ}
    return kept | {
        "PATH": os.pathsep.join([SYSTEM_PATH, *tools.postgres_folders()]),
        "LANG": "C.UTF-8",
        "TMPDIR": str(folders.temporary),
        orphans.MARK: str(folders.state),
        orphans.PART: part,
    }


def processes(state: Path) -> list[Process]:
    """Every program in starting order; raises NotRunning."""
    found = _call(state, "getAllProcessInfo")
    return [
        Process(
            part=each["name"],
            state=each["statename"],
            pid=each["pid"],
            seconds=each["now"] - each["start"] if each["pid"] else 0,
            exit_status=each["exitstatus"],
        )
        for each in found
    ]


def restart(state: Path, part: str) -> None:
    """Stops one program and starts it again, with what its launch file says now."""
    with contextlib.suppress(xmlrpc.client.Fault):  # it was between two starts
        _call(state, "stopProcess", part, True)
    _call(state, "startProcess", part, False)


def start_all(state: Path) -> None:
    """Starts every program that does not run."""
    _call(state, "startAllProcesses", False)


def shut_down(state: Path) -> None:
    """Asks the supervisor to stop every program, the last started first, and then to end."""
    _call(state, "shutdown")


def _call(state: Path, method: str, *arguments: object) -> Any:
    transport = SupervisorTransport(None, None, f"unix://{socket(state)}")
    proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
    try:
        return getattr(proxy.supervisor, method)(*arguments)
    except (OSError, http.client.HTTPException) as refused:
        raise NotRunning(str(refused) or type(refused).__name__) from refused
    finally:
        transport.close()
