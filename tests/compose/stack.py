"""A stack that is up: batches in at the collector, rows out by SQL, containers looked at, restarted and crashed."""

import os
import secrets
import signal
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import requests
import trino
import urllib3
from testcontainers.compose import DockerCompose

from deploy.kafka_rights import login
from deploy.patience import until
from eyeshot.settings import Kafka
from tests.compose import engine

SERVICES = (
    "collector",
    "compactor",
    "demo",
    "kafka",
    "keeper",
    "metastore",
    "minio",
    "partitioner",
    "postgres",
    "rollup",
    "trino",
)
ONE_SHOT = "prepare"
HEAL_SECONDS = 180.0
LINKS = ("https://example.org/a", "https://example.org/b", "https://example.org/c")
_NO_ANSWER = (urllib3.exceptions.HTTPError, requests.RequestException, trino.exceptions.Error)


class NotYet(Exception):
    """The stack is on its way to what a test waits for; the text says where it is."""


class Stack:
    """One running stack."""

    def __init__(self, compose: DockerCompose, variables: dict[str, str]) -> None:
        self._compose = compose
        self._variables = variables
        self._http = urllib3.PoolManager(retries=False, timeout=10)

    def services(self) -> list[str]:
        """Every container's service, by name."""
        return sorted(self._containers())

    def inspect(self, service: str) -> dict[str, Any]:
        """What the engine knows of the service's container."""
        return engine.inspect(self._containers()[service])

    def user_ids(self, service: str) -> set[int]:
        """The numbers of the users that the processes in the service's container run as."""
        _, *processes = engine.docker("top", self._containers()[service], "-eo", "uid,pid").splitlines()
        return {int(process.split()[0]) for process in processes}

    def send(self) -> str:
        """Posts one batch, again until it is answered 202; its page view id."""
        page_view = secrets.token_urlsafe(16)
        until("the collector", lambda: self._post(_batch(page_view)), HEAL_SECONDS, (*_NO_ANSWER, NotYet))
        return page_view

    def links(self, page_view: str) -> list[str]:
        """The links that SQL shows of a page view, waited for until all have arrived."""
        sql = "SELECT link FROM lake.eyeshot.events WHERE year >= '2000' AND page_view_id = ? ORDER BY link"

        def arrived() -> list[str]:
            found = [str(row[0]) for row in self._query(sql, page_view)]
            if len(found) < len(LINKS):
                raise NotYet(f"{len(found)} of {len(LINKS)} rows")
            return found

        return until(f"the rows of {page_view}", arrived, HEAL_SECONDS, (*_NO_ANSWER, NotYet))

    def restart(self) -> None:
        """Restarts every container, the one-shot one too, and waits until all are healthy."""
        command = self._compose.docker_compose_command()
        engine.docker(*command[1:], "restart")
        engine.docker(*command[1:], "up", "--wait", "--no-build", "--no-recreate")

    def crash(self, service: str) -> None:
        """Kills the service's first process from outside and waits until the engine has brought it back.

        Not by `docker kill`: that counts as stopped by hand, and is not restarted.
        """
        before = self.inspect(service)
        pid = int(before["State"]["Pid"])
        cgroup = Path(f"/proc/{pid}/cgroup")
        if not cgroup.exists() or before["Id"] not in cgroup.read_text():
            engine.cannot_run("the engine's processes are on another machine, where this test cannot kill them")
        os.kill(pid, signal.SIGKILL)

        def healthy_again() -> None:
            now = self.inspect(service)
            state = now["State"]
            if now["RestartCount"] == before["RestartCount"] or state["Health"]["Status"] != "healthy":
                raise NotYet(f"{state['Status']}, {state['Health']['Status']}, restarted {now['RestartCount']} times")

        until(f"{service} after a crash", healthy_again, HEAL_SECONDS, NotYet)

    def kafka(self, user: str) -> Kafka:
        """How a user connects from outside the containers."""
        return login(self._variables, user, bootstrap=f"127.0.0.1:{self._variables['KAFKA_PORT']}", topic="events")

    def logs(self, service: str) -> str:
        """Everything that the service's container has printed."""
        return engine.docker("logs", self._containers()[service])

    def _containers(self) -> dict[str, str]:
        return {str(each.Service): str(each.ID) for each in self._compose.get_containers(include_all=True)}

    def _post(self, batch: dict[str, Any]) -> None:
        url = f"http://127.0.0.1:{self._variables['COLLECTOR_PORT']}/v1/events"
        answer = self._http.request("POST", url, json=batch)
        if answer.status != 202:
            raise NotYet(f"{answer.status} {answer.data.decode()}")

    def _query(self, sql: str, *values: str) -> list[list[Any]]:
        session = requests.Session()
        session.trust_env = False  # a proxy of the machine has no business here
        port = int(self._variables["TRINO_PORT"])
        with closing(trino.dbapi.connect(host="127.0.0.1", port=port, user="test", http_session=session)) as connection:
            return list(connection.cursor().execute(sql, values).fetchall())


def _batch(page_view: str) -> dict[str, Any]:
    now = time.time_ns() // 1_000_000
    seen = {"et": "link_impression", "ts": now, "pl": "inline", "vr": 1.0, "vd": 1000}
    head = {"s": "demo", "p": "https://example.org/", "pv": page_view, "so": "page", "n": 0, "st": now, "v": "test"}
    return {**head, "e": [{**seen, "l": link} for link in LINKS]}
