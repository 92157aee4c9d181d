"""The parts of the stack: what each is for, and the probe that tells whether it does its work."""

from dataclasses import dataclass

from deploy import probe
from deploy.probe import Probe


@dataclass(frozen=True)
class Part:
    """One part, under the name that `make status` and `make logs` use."""

    name: str
    purpose: str
    probe: Probe


PARTS = (
    Part("postgres", "the metastore's and the rollup's databases", probe.postgres),
    Part("s3", "the lake's objects", probe.s3),
    Part("kafka", "events on their way", probe.kafka),
    Part("metastore", "which days the tables have", probe.metastore),
    Part("trino", "SQL", probe.trino),
    Part("partitioner", "tells the metastore of new days", probe.service("PARTITIONER_PORT")),
    Part("keeper", "closed days in few large files", probe.service("KEEPER_PORT")),
    Part("rollup", "closed days into PostgreSQL", probe.service("ROLLUP_PORT")),
    Part("compactor", "Kafka to Parquet files", probe.service("COMPACTOR_PORT")),
    Part("collector", "HTTP to Kafka", probe.service("COLLECTOR_PORT")),
    Part("demo", "a publisher's page", probe.demo),
)
NAMES = tuple(part.name for part in PARTS)
NEEDED_TO_PREPARE = ("postgres", "s3", "kafka")
