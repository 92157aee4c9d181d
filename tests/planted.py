"""A database of a test's own in the running stack: rows in any day, without Kafka and without waiting for that day.

Its files lie under `rewritten/`, where Trino may read and no service of the stack looks at what it does not know.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from pymetastore.hive_metastore import ThriftHiveMetastore
from pymetastore.hive_metastore.ttypes import AlreadyExistsException, GetTableRequest, Partition
from thrift.protocol.TBinaryProtocol import TBinaryProtocol
from thrift.transport.TSocket import TSocket
from thrift.transport.TTransport import TBufferedTransport

from deploy import query
from deploy.s3_users import client
from deploy.stack import CATALOG, HOST
from eyeshot.lake.parquet import ParquetFile
from eyeshot.table import REWRITTEN_PREFIX, TABLES, Column, Table, partition_prefix, partition_values
from services.compactor.decode import decode
from services.compactor.rows import KafkaRecord
from services.partitioner.growth import grow
from services.partitioner.metastore import HiveMetastore
from services.partitioner.settings import Metastore
from services.partitioner.view import View
from services.partitioner.view_writer import write_views
from tests.running import Row, RunningStack

PARTITIONS_AT_ONCE = 2
UTC = ZoneInfo("UTC")


class Planted:
    """Rows in, SQL out."""

    def __init__(self, running: RunningStack, views: Sequence[View]) -> None:
        self._running = running
        self._nonce = secrets.token_hex(4)
        self.database = f"planted_{self._nonce}"
        self.folder = f"{REWRITTEN_PREFIX}planted-{self._nonce}/"
        self.s3: Any = client(running.stack.s3_endpoint, running.stack.keys("root"))
        self.metastore = HiveMetastore(
            Metastore(host=HOST, port=running.stack.ports["METASTORE_PORT"], database=self.database),
            f"{running.stack.bucket}/{self.folder}".rstrip("/"),
            catalog=CATALOG,
            views=views,
        )

    async def create(self) -> None:
        """As the partitioner does at its start."""
        await self.metastore.create_tables()

    async def records(self, records: Iterable[KafkaRecord], zone: ZoneInfo = UTC) -> None:
        """Rows as the compactor makes them, in the days of the zone in which it puts them."""
        for slot, table in decode(records, zone).tables.items():
            await self.rows(TABLES[slot.table], slot.day, table)

    async def rows(self, table: Table, day: date, rows: pa.Table) -> None:
        """One more file in a day."""
        file = ParquetFile(table, row_group_rows=100_000)
        file.write(rows)
        await self.file(table.name, day, file.close())

    async def file(self, table: str, day: date, body: bytes) -> None:
        """One more object in a day, whatever is in it."""
        key = f"{self.folder}{partition_prefix(table, day)}{secrets.token_hex(8)}.parquet"
        self.s3.put_object(Bucket=self._running.stack.bucket, Key=key, Body=body)
        self.register(table, day)

    def register(self, table: str, day: date, columns: Sequence[Column] | None = None) -> None:
        """A day where it is missing, with the columns that the table has by now, or as many of them as are named."""

        def add(metastore: Any) -> None:
            there = metastore.get_table_req(GetTableRequest(dbName=self.database, tblName=table)).table
            there.sd.location = f"{there.sd.location}{partition_prefix('', day)}".rstrip("/")
            if columns is not None:
                names = {column.name for column in columns}
                there.sd.cols = [each for each in there.sd.cols if each.name in names]
            values = list(partition_values(day))
            new = Partition(values=values, dbName=self.database, tableName=table, sd=there.sd, parameters={})
            with suppress(AlreadyExistsException):
                metastore.add_partition(new)

        self.call(add)

    def select(self, statement: str) -> list[Row]:
        """The statement's rows; `FROM {}.events` names the database."""
        result = self.run(statement)
        return [dict(zip(result.columns, row, strict=True)) for row in result.rows]

    def run(self, statement: str) -> query.Result:
        """The statement's rows and what it read."""
        return query.run(self._running.stack, statement.replace("{}", self.database))

    def call(self, use: Callable[[Any], Any]) -> Any:
        """What a Thrift call of the metastore gives."""
        transport = TBufferedTransport(TSocket(HOST, self._running.stack.ports["METASTORE_PORT"]))
        transport.open()
        try:
            return use(ThriftHiveMetastore.Client(TBinaryProtocol(transport)))
        finally:
            transport.close()

    def grow(self, *tables: Table) -> None:
        """As the partitioner does at its start."""
        self.call(lambda metastore: grow(metastore, self.database, tables, PARTITIONS_AT_ONCE))

    def put_views(self, views: Sequence[View]) -> None:
        """As the partitioner does at its start."""
        self.call(lambda metastore: write_views(metastore, self.database, CATALOG, views))

    def remove(self) -> None:
        """Everything of it."""
        self.call(lambda metastore: metastore.drop_database(self.database, False, True))
        listed = self.s3.list_objects_v2(Bucket=self._running.stack.bucket, Prefix=self.folder)
        for each in listed.get("Contents", []):
            self.s3.delete_object(Bucket=self._running.stack.bucket, Key=each["Key"])


@contextmanager
def planted(running: RunningStack, views: Sequence[View] = ()) -> Iterator[Planted]:
    """A database of its own, gone afterwards."""
    database = Planted(running, views)
    try:
        yield database
    finally:
        database.remove()
