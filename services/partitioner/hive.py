"""A table and a day in; the metastore's own structures out. Pure."""

from collections.abc import Mapping
from datetime import date

from pymetastore.hive_metastore.ttypes import (
    Database,
    FieldSchema,
    Partition,
    SerDeInfo,
    StorageDescriptor,
)
from pymetastore.hive_metastore.ttypes import Table as HiveTable

from eyeshot.table import PARTITION_KEYS, Table, partition_values
from services.partitioner.core import Registered
from services.partitioner.places import Place

PARQUET = "org.apache.hadoop.hive.ql.io.parquet"
OWNER = "eyeshot"
MANIFEST = "eyeshot.manifest"
LOCATED_AT = "eyeshot.located_at"


def database(name: str, bucket: str) -> Database:
    """The database of the tables."""
    return Database(
        name=name,
        description="Eyeshot's impressions",
        locationUri=f"s3://{bucket}/",
        parameters={},
        ownerName=OWNER,
    )


def table(database_name: str, table: Table, bucket: str) -> HiveTable:
    """An external Parquet table, partitioned by day; both marks are needed for it to count as external."""
    return HiveTable(
        dbName=database_name,
        tableName=table.name,
        owner=OWNER,
        tableType="EXTERNAL_TABLE",
        parameters={"EXTERNAL": "TRUE"},
        partitionKeys=[FieldSchema(name=key, type="string", comment="") for key in PARTITION_KEYS],
        sd=_storage(table, f"s3://{bucket}/{table.name}"),
    )


def partition(database_name: str, table: Table, day: date, place: Place, located_at: int) -> Partition:
    """A day of a table. Each partition carries a whole copy of the table's storage, with its own location."""
    assert place.location is not None
    return Partition(
        dbName=database_name,
        tableName=table.name,
        values=list(partition_values(day)),
        parameters=parameters({}, place, located_at),
        sd=_storage(table, place.location),
    )


def relocated(partition: Partition, place: Place, located_at: int) -> Partition:
    """The partition as the metastore gave it, pointing elsewhere; its columns and its other parameters stay."""
    partition.sd.location = place.location
    partition.parameters = parameters(partition.parameters or {}, place, located_at)
    return partition


def parameters(before: Mapping[str, str], place: Place, located_at: int) -> dict[str, str]:
    """A partition's parameters; a day that lies where its table has it needs none of ours."""
    kept = {name: value for name, value in before.items() if name not in (MANIFEST, LOCATED_AT)}
    return kept if place.manifest is None else kept | {MANIFEST: str(place.manifest), LOCATED_AT: str(located_at)}


def registered(partition: Partition) -> Registered:
    """What the metastore says of a partition; a parameter that is no number is as good as none."""
    said = partition.parameters or {}
    return Registered(
        (partition.sd.location or "").rstrip("/"), _number(said.get(MANIFEST)), _number(said.get(LOCATED_AT))
    )


def name_of(partition: Partition) -> str:
    """A partition's name, as the metastore makes it of its values."""
    return "/".join(f"{key}={value}" for key, value in zip(PARTITION_KEYS, partition.values, strict=True))


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None


def _storage(table: Table, location: str) -> StorageDescriptor:
    return StorageDescriptor(
        cols=[FieldSchema(name=column.name, type=column.type, comment=column.description) for column in table.columns],
        location=location,
        inputFormat=f"{PARQUET}.MapredParquetInputFormat",
        outputFormat=f"{PARQUET}.MapredParquetOutputFormat",
        serdeInfo=SerDeInfo(
            name="parquet",
            serializationLib=f"{PARQUET}.serde.ParquetHiveSerDe",
            parameters={},
        ),
        bucketCols=[],
        sortCols=[],
        parameters={},
        numBuckets=-1,
        compressed=False,
    )
