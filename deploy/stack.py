"""One stack: where its state is, its ports, secrets and settings, and the addresses that follow from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy import kafka_rights
from eyeshot.settings import Kafka

HOST = "127.0.0.1"
CATALOG, SCHEMA = "lake", "eyeshot"


@dataclass(frozen=True)
class Stack:
    """Everything that starting it, probing it and using it needs to know."""

    mode: str
    state: Path
    environment_file: Path
    ports: Mapping[str, int]
    variables: Mapping[str, str]
    demo: bool = True

    @property
    def kafka_bootstrap(self) -> str:
        """Kafka's host:port."""
        return f"{HOST}:{self.ports['KAFKA_PORT']}"

    def kafka(self, user: str) -> Kafka:
        """How a user of the stack's Kafka connects to it; raises BadPassword."""
        return kafka_rights.login(self.variables, user, bootstrap=self.kafka_bootstrap, topic=self.topic)

    @property
    def s3_endpoint(self) -> str:
        """The S3 server's URL."""
        return f"http://{HOST}:{self.ports['S3_PORT']}"

    @property
    def collector_url(self) -> str:
        """The collector's URL."""
        return f"http://{HOST}:{self.ports['COLLECTOR_PORT']}"

    @property
    def page_url(self) -> str:
        """The demo page's URL."""
        return f"http://{HOST}:{self.ports['DEMO_PAGE_PORT']}"

    @property
    def topic(self) -> str:
        """The topic of the events."""
        return self.variables.get("KAFKA_TOPIC") or "events"

    @property
    def bucket(self) -> str:
        """The lake's bucket."""
        return self.variables.get("S3_BUCKET") or "lake"

    @property
    def time_zone(self) -> str:
        """The zone whose days are the partitions."""
        return self.variables.get("PARTITION_TIME_ZONE") or "UTC"

    def keys(self, user: str) -> tuple[str, str]:
        """An S3 user's (access key, secret key)."""
        return self.variables[f"S3_{user.upper()}_ACCESS_KEY"], self.variables[f"S3_{user.upper()}_SECRET_KEY"]
