"""One broker for all runs; for each run a collector on a small disk behind a proxy: everything that can be broken."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition
from rich.console import Console

from deploy import kafka_users, topic
from deploy.kafka_rights import ADMIN, login, password
from deploy.native import orphans
from deploy.native.fetch import fetch
from deploy.paths import cache
from deploy.service_environments import environments
from eyeshot.kafka_login import for_librdkafka
from eyeshot.reading import read_record
from eyeshot.settings import Kafka
from tests.chaos.collector.collector import Collector
from tests.chaos.collector.disk import SmallDisk
from tests.chaos.collector.ledger import Identity
from tests.chaos.collector.shim import Control
from tests.chaos.kafka_proxy import KafkaProxy
from tests.chaos.process import Process
from tests.chaos.stage import Stage

READ_SECONDS = 60.0
HOST = "127.0.0.1"


class Broker:
    """A real broker that everybody reaches through the proxy."""

    def __init__(self, state: Path) -> None:
        fetch(cache(), Console(stderr=True))
        orphans.end(orphans.of(state), seconds=0)  # of a run that was itself killed
        shutil.rmtree(state, ignore_errors=True)
        state.mkdir(parents=True)
        self._stage = Stage(state)
        ports = self._stage.stack.ports
        self._proxy_port = ports["S3_PORT"]  # a free one: there is no S3 here
        self.proxy = KafkaProxy(ports["KAFKA_PORT"])
        self.collector_port = ports["COLLECTOR_PORT"]
        self.folders = self._stage.folders
        advertised = f"CLIENT://{HOST}:{self._proxy_port},CONTROLLER://{HOST}:{ports['KAFKA_CONTROLLER_PORT']}"
        with (self.folders.run / "kafka.properties").open("a") as properties:
            properties.write(f"advertised.listeners={advertised}\n")

    @property
    def process(self) -> Process:
        """To be killed and paused."""
        return self._stage.kafka

    async def start(self) -> None:
        """Up, with the proxy before it."""
        await self.proxy.start(self._proxy_port)
        await asyncio.to_thread(self.restart)

    def restart(self) -> None:
        """Start it and wait until it answers."""
        if self.process.pid is None:
            self.process.start()
        self.process.wait_ready()

    async def stop(self) -> None:
        """End it, and whatever else was started for it."""
        await asyncio.to_thread(self._stage.close)
        await self.proxy.stop()

    def make_topic(self, name: str) -> None:
        """An empty topic, as a stack has it, and the collector's user."""
        admin = self._admin(name)
        topic.ensure(admin)
        kafka_users.ensure(admin, {"collector": password(self._stage.stack.variables, "collector")}, "nobody")

    def collector_environment(self, name: str, spool: Path) -> dict[str, str]:
        """A collector's variables: the stack's own, then what this harness needs otherwise."""
        return environments(self._stage.stack)["collector"] | {
            "KAFKA_BOOTSTRAP": f"{HOST}:{self._proxy_port}",
            "KAFKA_TOPIC": name,
            "SPOOL_FOLDER": str(spool),
            "SPOOL_FREE_BYTES_MIN": "0",
            "COLLECTOR_ADDRESS_REQUESTS_PER_SECOND": "100000",
            "COLLECTOR_ADDRESS_REQUESTS_BURST": "1000000",
        }

    def stored(self, name: str) -> list[Identity]:
        """Every batch in the topic, as often as it is there."""
        return [_identity(value) for value in self._values(name)]

    def _admin(self, name: str) -> Kafka:
        stack = self._stage.stack
        return login(stack.variables, ADMIN, bootstrap=stack.kafka_bootstrap, topic=name)

    def _values(self, name: str) -> Iterator[bytes]:
        admin = self._admin(name)
        consumer = Consumer({"bootstrap.servers": admin.bootstrap, "group.id": "chaos"} | for_librdkafka(admin))
        try:
            partitions = [TopicPartition(name, number, OFFSET_BEGINNING) for number in range(topic.PARTITIONS)]
            ends = {
                each.partition: consumer.get_watermark_offsets(each, timeout=READ_SECONDS)[1] for each in partitions
            }
            consumer.assign(partitions)
            missing = sum(ends.values())
            while missing:
                message = consumer.poll(READ_SECONDS)
                if message is None:
                    raise TimeoutError(f"{missing} records of {name} did not come within {READ_SECONDS:.0f} s")
                if message.error():
                    raise KafkaException(message.error())
                missing -= 1
                yield message.value()
        finally:
            consumer.close()


class World:
    """What one run can break."""

    def __init__(self, broker: Broker, folder: Path, name: str, library: Path, mistake: str | None) -> None:
        self.broker = broker
        self.topic = name
        self.disk = SmallDisk(folder / "disk")
        self.platter = folder / "platter"
        self.platter.mkdir()
        self.control = Control(folder / "control")
        environment = broker.collector_environment(name, self.disk.folder)
        environment |= self.control.environment(library, self.disk.folder, self.platter)
        self.collector = Collector(broker.folders, environment, mistake)
        self.port = broker.collector_port

    def heal(self) -> None:
        """Nothing is broken any more, and everything runs."""
        proxy = self.broker.proxy
        proxy.delay_seconds, proxy.swallow_produce_answers = 0.0, False
        proxy.speaks.set()
        self.control.heal()
        self.disk.empty()

    def close(self) -> None:
        """Leave nothing behind."""
        self.collector.kill_all()
        self.control.close()
        self.disk.close()


def _identity(value: bytes) -> Identity:
    head = read_record(value).reading.head
    return str(head.page_view_id), str(head.source), int(head.sequence or 0)


def impossible(folder: Path) -> list[str]:
    """Kinds of faults that this machine does not allow, each with its reason said."""
    with tempfile.TemporaryDirectory(dir=folder) as probe:
        disk = SmallDisk(Path(probe) / "disk")
        disk.close()
    if disk.cannot_fill is None:
        return []
    print(f"no disk is filled: {disk.cannot_fill}")  # noqa: T201
    return ["disk full"]
