"""The collector's processes, parent and workers, under the harness's control by their pids."""

import os
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable

import psutil
from prometheus_client.parser import text_string_to_metric_families

from deploy.native.program import Folders, Program
from deploy.patience import until
from deploy.probe import NotReady
from tests.chaos.collector.started import MISTAKE
from tests.chaos.process import Process

WORKERS = 2
READY_SECONDS = 90.0
GONE_SECONDS = 60.0


class Collector:
    """Several lives of one collector."""

    def __init__(self, folders: Folders, environment: dict[str, str], mistake: str | None) -> None:
        self._port = int(environment["COLLECTOR_PORT"])
        module = "tests.chaos.collector.started" if mistake else "services.collector"
        variables = environment | {"COLLECTOR_WORKERS": str(WORKERS)} | ({MISTAKE: mistake} if mistake else {})
        program = Program("collector", [sys.executable, "-m", module], variables, stop_seconds=60)
        self._parent = Process(program, folders, self._ready)
        self._seen: set[psutil.Process] = set()

    def start(self) -> None:
        """Start it, as often as it takes: the port may still be held by workers whose parent was killed."""

        def try_once() -> None:
            if self._parent.pid is None:
                self._parent.start()
            if len(self.workers()) < WORKERS:
                raise NotReady("it has not all its workers")
            self._ready()  # not by a worker of the life before: those gave up the port

        until("collector", try_once, READY_SECONDS, NotReady)

    def workers(self) -> list[psutil.Process]:
        """Those of the parent that lives."""
        found = psutil.Process(self._parent.pid).children() if self._parent.pid else []
        self._seen.update(found)
        return sorted(found, key=lambda each: each.pid)

    def until_workers(self) -> list[psutil.Process]:
        """Its workers, once it has any."""

        def there() -> list[psutil.Process]:
            if not (found := self.workers()):
                raise NotReady("it has no worker")
            return found

        return until("a worker", there, READY_SECONDS, NotReady)

    def kill(self, processes: Iterable[psutil.Process]) -> int:
        """End them without warning; how many there were."""
        return sum(_send(each, signal.SIGKILL) for each in list(processes))

    def kill_parent(self) -> bool:
        """End the parent alone; its workers find out by themselves."""
        self.workers()
        return self._parent.kill()

    def kill_all(self) -> bool:
        """End all of it at once; nothing of it runs afterwards."""
        parent, workers = self._parent.pid, self.workers()
        if parent:
            os.kill(parent, signal.SIGSTOP)  # or it starts another one in between
        self.kill(workers)
        killed = self._parent.kill()
        self.kill(self._seen)
        psutil.wait_procs(self._seen, GONE_SECONDS)
        self._seen.clear()
        return killed

    def pause(self, processes: Iterable[psutil.Process]) -> int:
        """Stop them in their tracks; how many there were."""
        return sum(_send(each, signal.SIGSTOP) for each in processes)

    def resume(self, processes: Iterable[psutil.Process]) -> None:
        """Let them go on."""
        for each in processes:
            _send(each, signal.SIGCONT)

    def everyone(self) -> list[psutil.Process]:
        """Parent and workers."""
        return [*([psutil.Process(self._parent.pid)] if self._parent.pid else []), *self.workers()]

    def replace_workers(self) -> bool:
        """Ask for new workers, one after another."""
        parent = self._parent.pid
        if parent:
            os.kill(parent, signal.SIGHUP)
        return parent is not None

    def stop(self) -> int | None:
        """As an operator stops it; its exit status."""
        self.workers()
        return self._parent.stop()

    def waiting(self) -> float:
        """Records in the spools of all workers. Raises NotReady when not every worker says how many."""
        values = {"eyeshot_collector_spool_records": 0.0, "eyeshot_collector_worker_up": 0.0}
        for family in text_string_to_metric_families(self._get("/metrics")):
            for sample in family.samples:
                if sample.name in values:
                    values[sample.name] += sample.value
        if values["eyeshot_collector_worker_up"] < WORKERS:
            raise NotReady(f"only {values['eyeshot_collector_worker_up']:.0f} workers answer")
        return values["eyeshot_collector_spool_records"]

    def drained(self) -> None:
        """Raise NotReady while a record is in a spool."""
        self._ready()
        if waiting := self.waiting():
            raise NotReady(f"{waiting:.0f} records are in the spool")

    def _ready(self) -> None:
        self._get("/health/ready")

    def _get(self, path: str) -> str:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}{path}", timeout=5) as answer:
                return str(answer.read().decode())
        except (urllib.error.URLError, OSError) as error:
            raise NotReady(str(error)) from None


def _send(process: psutil.Process, number: signal.Signals) -> bool:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return False
    return True
