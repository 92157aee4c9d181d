"""A native stack of the tests' own: batches and records in, rows out by SQL, processes killed."""

import json
import os
import signal
from typing import Any

import urllib3
from confluent_kafka import Producer
from rich.console import Console

from deploy import ports, query
from deploy.choose import Asked, Chosen, to_start
from deploy.paths import VAR
from deploy.patience import until
from deploy.stack import Stack
from deploy.up import bring_up
from eyeshot.kafka_login import for_librdkafka

ASKED = Asked(state=VAR / "test", free_ports=True)
# Tests see rows soon; what is tested is the path, not the default.
SETTINGS = {"COMPACTOR_FLUSH_SECONDS": "1"}
HEAL_SECONDS = 120.0
ARRIVE_SECONDS = 120.0
ROWS = "SELECT * FROM events WHERE year >= '2000' AND page_view_id = ? ORDER BY source, sequence, batch_index"
ALL_REJECTED = "SELECT * FROM rejected WHERE year >= '2000'"
Row = dict[str, Any]


class NotYet(Exception):
    """What a test waits for has not happened; the text says how far it is."""


class RunningStack:
    """One stack that is up."""

    def __init__(self, chosen: Chosen) -> None:
        self._chosen = chosen
        self._http = urllib3.PoolManager(retries=False, timeout=10)

    @property
    def stack(self) -> Stack:
        """Its addresses, keys and settings."""
        return self._chosen.stack

    def post(self, batch: object, **headers: str) -> urllib3.BaseHTTPResponse:
        """The collector's answer to one body."""
        body = batch if isinstance(batch, bytes) else json.dumps(batch).encode()
        sent = {"Content-Type": "text/plain"} | headers
        return self._http.request("POST", f"{self.stack.collector_url}/v1/events", body=body, headers=sent)

    def send(self, batch: object) -> None:
        """Posts one batch, again until it is accepted."""

        def accepted() -> None:
            try:
                answer = self.post(batch)
            except urllib3.exceptions.HTTPError as refused:
                raise NotYet(str(refused)) from refused
            if answer.status != 202:
                raise NotYet(f"{answer.status} {answer.data!r}")

        until("the collector", accepted, HEAL_SECONDS, NotYet)

    def produce(self, *values: bytes) -> None:
        """Records straight to the topic, as a backend produces them."""
        kafka = self.stack.kafka("producer")
        producer = Producer({"bootstrap.servers": kafka.bootstrap} | for_librdkafka(kafka))
        for value in values:
            producer.produce(self.stack.topic, value)
        assert producer.flush(30) == 0

    def rows(self, page_view: str, count: int = 1, seconds: float = ARRIVE_SECONDS) -> list[Row]:
        """The rows of a page view, waited for until there are as many."""
        return self._wait(ROWS, [page_view], count, seconds)

    def select(self, statement: str, count: int = 1) -> list[Row]:
        """The rows of a statement, waited for until there are as many."""
        return self._wait(statement, [], count, ARRIVE_SECONDS)

    def rejected(self, raw: bytes) -> Row:
        """The row of a record that was not understood, waited for."""

        def found() -> Row:
            for row in self._wait(ALL_REJECTED, [], 1, ARRIVE_SECONDS):
                if raw in row.values():
                    return row
            raise NotYet("the record is in no row")

        return until("the rejected record", found, ARRIVE_SECONDS, NotYet)

    def _wait(self, statement: str, parameters: list[object], count: int, seconds: float) -> list[Row]:
        def arrived() -> list[Row]:
            try:
                result = query.run(self.stack, statement, parameters)
            except query.QueryFailed as refused:
                raise NotYet(str(refused)) from refused
            if len(result.rows) < count:
                raise NotYet(f"{len(result.rows)} of {count} rows")
            return [dict(zip(result.columns, row, strict=True)) for row in result.rows]

        return until("rows", arrived, seconds, NotYet)

    def crash(self, part: str) -> None:
        """Kills the part's process without warning, and waits until the supervisor has started another."""
        before = self._chosen.engine.pid(part)
        assert before is not None
        os.kill(before, signal.SIGKILL)

        def another() -> None:
            if self._chosen.engine.pid(part) in {before, None}:
                raise NotYet(f"{part} has not been started again")

        until(part, another, HEAL_SECONDS, NotYet)

    def stop(self) -> None:
        """Stops it, and fails when a process is left."""
        self._chosen.engine.stop()

    def up(self) -> None:
        """Brings up what is down, as `make up` does."""
        bring_up(self._chosen, Console(stderr=True))


def fresh() -> RunningStack:
    """A stack without data, up."""
    for name in ports.DEFAULTS:
        os.environ.pop(name, None)  # meant for another stack
    os.environ.update(SETTINGS)
    chosen = to_start(ASKED)
    chosen.engine.stop()
    chosen.engine.erase()
    started = RunningStack(to_start(ASKED))
    started.up()
    return started
