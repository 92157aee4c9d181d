"""A server's name in; that server, running on a free port, and what its processes use, out."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
import urllib3

from bench.collector import builds
from deploy import ports
from deploy.patience import until

READY_SECONDS = 120
STOP_SECONDS = 60

SITES = '[sites.demo]\norigins = ["https://news.example"]\nevents_per_second = 1_000_000\nevents_burst = 10_000_000\n'


class Server(NamedTuple):
    """How it is started, with PORT for its port, and the settings it is given."""

    name: str
    command: list[str]
    settings: Mapping[str, str]


class NotReady(Exception):
    """It does not answer yet."""


class Running:
    """A server that takes requests."""

    def __init__(self, process: psutil.Process, port: int) -> None:
        self.port = port
        self._process = process
        self._http = urllib3.PoolManager(retries=False, timeout=30)

    def cpu_seconds(self) -> float:
        """User and system, of it and of its workers."""
        return sum(sum(each.cpu_times()[:2]) for each in self._processes())

    def rss_bytes(self) -> int:
        """Resident memory, likewise."""
        return sum(each.memory_info().rss for each in self._processes())

    def metric(self, name: str) -> float:
        """The sum of a metric's samples, over labels and workers; 0 when it has none."""
        page = self._get("/metrics").data.decode()
        return sum(float(value) for value in re.findall(rf"^eyeshot_collector_{name}(?:{{.*}})? (\S+)$", page, re.M))

    def check(self) -> None:
        """Raise NotReady unless it is."""
        try:
            status = self._get("/health/ready").status
        except urllib3.exceptions.HTTPError as error:
            raise NotReady("it does not listen yet") from error
        if status not in (200, 404):  # baselines have no such page
            raise NotReady(str(status))

    def _get(self, path: str) -> urllib3.BaseHTTPResponse:
        return self._http.request("GET", f"http://127.0.0.1:{self.port}{path}")

    def _processes(self) -> list[psutil.Process]:
        return [self._process, *self._process.children(recursive=True)]


def all_servers(bootstrap: str, folder: Path) -> dict[str, Server]:
    """Every server that is measured, by name; `folder` is for sites and spools."""
    sites = folder / "sites.toml"
    sites.write_text(SITES)
    kafka = {"KAFKA_BOOTSTRAP": bootstrap}
    # The load comes from one address for one site: quotas are counted, and large enough.
    full = kafka | {
        "COLLECTOR_PORT": "PORT",
        "COLLECTOR_SITES_FILE": str(sites),
        "COLLECTOR_ADDRESS_REQUESTS_PER_SECOND": "1000000",
        "COLLECTOR_ADDRESS_REQUESTS_BURST": "10000000",
        "SPOOL_BYTES_MAX": str(2**40),
        "LOG_LEVEL": "warning",
    }

    def ours(name: str, **settings: str) -> Server:
        return Server(name, _python("services.collector"), full | {"SPOOL_FOLDER": f"{folder}/{name}"} | settings)

    go, node = str(builds.go() / "server"), ["node", str(builds.node() / "server.mjs"), "PORT"]
    found = [
        ours("ours"),
        ours("two_workers", COLLECTOR_WORKERS="2"),
        ours("spool", KAFKA_BOOTSTRAP="127.0.0.1:1"),
        Server("ceiling", _python("bench.collector.ceiling"), full | {"SPOOL_FOLDER": f"{folder}/ceiling"}),
        Server("plain", _python("bench.collector.baselines", "plain", "PORT"), kafka),
        Server("naive", _python("bench.collector.baselines", "naive", "PORT"), kafka),
        Server("node", node, kafka),
        Server("go", [go, "PORT", "snappy"], kafka),
        Server("go_zstd", [go, "PORT", "zstd"], kafka),
    ]
    return {each.name: each for each in found}


@contextmanager
def running(server: Server) -> Iterator[Running]:
    """Start it, wait until it takes requests, stop it."""
    port = ports.free()["COLLECTOR_PORT"]
    command = [each.replace("PORT", str(port)) for each in server.command]
    settings = {name: value.replace("PORT", str(port)) for name, value in server.settings.items()}
    with subprocess.Popen(command, env=os.environ | settings, stdout=subprocess.DEVNULL) as process:
        try:
            started = Running(psutil.Process(process.pid), port)
            until(server.name, started.check, READY_SECONDS, NotReady)
            time.sleep(1)  # some find Kafka only now
            yield started
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]
