"""One difference of each kind between log, data and metastore, planted into a lake."""

from typing import Any

from services.partitioner import core
from services.partitioner.hive import MANIFEST
from tests.chaos.partitioner.lake import LakeOfDays

OBJECTS = ("events/year=2025/month=11/day=25/nobody.parquet", "events/year=2025/Month=11/day=5/nobody.parquet")
KINDS = (
    "missing partition",
    "extra partition",
    "wrong location",
    "stale parameters",
    "case or padding variant",
    "stray object",
)


def plant(lake: LakeOfDays) -> None:
    """In the metastore and in the bucket."""
    for key in OBJECTS:
        lake.put(key)
    lake.hive(lambda client: _plant(client, lake))


def take_objects_away(lake: LakeOfDays) -> None:
    """What no command takes away."""
    for key in OBJECTS:
        lake.delete(key)


def _plant(client: Any, lake: LakeOfDays) -> None:
    database, merged, other = lake.database, core.partition_name(lake.first.day), core.partition_name(lake.last.day)
    client.drop_partition_by_name(database, "events", other, False)
    (wrong,) = client.get_partitions_by_names(database, "rejected", [merged])
    wrong.sd.location = f"s3://{lake.bucket}/elsewhere"
    client.alter_partition(database, "rejected", wrong)
    (stale,) = client.get_partitions_by_names(database, "events", [merged])
    stale.parameters[MANIFEST] = "0"
    client.alter_partition(database, "events", stale)
    for values in (["2020", "01", "01"], ["2025", "11", "5"]):
        stale.values, stale.parameters = values, {}
        stale.sd.location = f"s3://{lake.bucket}/events/year={values[0]}/month={values[1]}/day={values[2]}"
        client.add_partition(stale)
