"""A table and a day in; the metastore's own structures out. Pure."""

from datetime import date

from pymetastore.hive_metastore.ttypes import (
    Database,
    FieldSchema,
    Partition,
    SerDeInfo,
    StorageDescriptor,
)
from pymetastore.hive_metastore.ttypes import Table as HiveTable

from eyeshot.table import PARTITION_KEYS, Table, partition_prefix, partition_values

PARQUET = "org.apache.hadoop.hive.ql.io.parquet"
OWNER = "eyeshot"


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


def partition(database_name: str, table: Table, day: date, bucket: str) -> Partition:
    """A day of a table. Each partition carries a whole copy of the table's storage, with its own location."""
    location = f"s3://{bucket}/{partition_prefix(table.name, day)}".rstrip("/")
    return Partition(
        dbName=database_name,
        tableName=table.name,
        values=list(partition_values(day)),
        parameters={},
        sd=_storage(table, location),
    )


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
