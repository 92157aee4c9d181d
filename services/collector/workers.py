"""The number of workers in; that many processes on one listening socket, replaced when they die, out.

The socket is the parent's and lives as long as it does: a worker that stops or is replaced takes no waiting
connection with it, which sockets of their own (SO_REUSEPORT) would.
"""

import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from eyeshot.logs import happened
from services.collector.peers import socket_path
from services.collector.settings import Collector

BACKLOG = 2048
RESTART_SECONDS = 1.0
FLUSH_SECONDS = 20.0
"""Beyond the open requests: for Kafka, the spool and the process itself."""

WRONG_SETTINGS = 2
_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}


class Workers:
    """SIGTERM stops them all, SIGHUP replaces them one after another."""

    def __init__(self, settings: Collector, listening: socket.socket, folder: Path) -> None:
        self._settings = settings
        self._listening = listening
        self._folder = folder
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._stop_seconds = settings.unready_seconds + settings.shutdown_seconds + FLUSH_SECONDS

    def run(self) -> int:
        """Until SIGTERM; exit status."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        for number in range(self._settings.workers):
            self._start(number)
        status: int | None = None
        while status is None:
            got = signal.sigtimedwait(_SIGNALS, RESTART_SECONDS)
            if got and got.si_signo in (signal.SIGTERM, signal.SIGINT):
                status = 0
            elif got and got.si_signo == signal.SIGHUP:
                self._replace_all()
            else:
                status = self._bury()
        self._stop(list(self._processes))
        return status

    def _start(self, number: int) -> None:
        descriptor = self._listening.fileno()
        told = [str(number), str(os.getpid()), str(descriptor), str(self._folder)]
        # As this process was started, whatever that was.
        command = [sys.executable, *sys.orig_argv[1:], *told]
        self._processes[number] = subprocess.Popen(command, pass_fds=(descriptor,))
        happened("worker_started", worker=number, pid=self._processes[number].pid)

    def _bury(self) -> int | None:
        """Replace whoever died; the exit status when there is no use in that."""
        for number, process in list(self._processes.items()):
            status = process.poll()
            if status == WRONG_SETTINGS:
                return status
            if status is not None:
                happened("worker_died", level=logging.ERROR, worker=number, status=status)
                time.sleep(RESTART_SECONDS)
                self._start(number)
        return None

    def _replace_all(self) -> None:
        for number in list(self._processes):
            self._stop([number])
            socket_path(self._folder, number).unlink(missing_ok=True)
            self._start(number)
            until = time.monotonic() + self._stop_seconds
            while not socket_path(self._folder, number).exists() and time.monotonic() < until:
                time.sleep(0.05)

    def _stop(self, numbers: list[int]) -> None:
        for number in numbers:
            self._processes[number].send_signal(signal.SIGTERM)
        until = time.monotonic() + self._stop_seconds
        for number in numbers:
            try:
                self._processes[number].wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                happened("worker_killed", level=logging.ERROR, worker=number)
                self._processes[number].kill()


def supervise(settings: Collector) -> int:
    """Listen, and run the workers; exit status."""
    with (
        socket.create_server((settings.host, settings.port), backlog=BACKLOG) as listening,
        tempfile.TemporaryDirectory(prefix="eyeshot-collector-") as folder,
    ):
        return Workers(settings, listening, Path(folder)).run()


def be_a_worker() -> None:
    """Undo in a child what the parent blocked for itself."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
