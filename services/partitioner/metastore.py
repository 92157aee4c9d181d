"""Tables and days in, Thrift calls to the Hive metastore out; only calls that Hive 2.3 to 4 share."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any, TypeVar

from pymetastore.hive_metastore import ThriftHiveMetastore
from pymetastore.hive_metastore.ttypes import (
    AddPartitionsRequest,
    AlreadyExistsException,
    MetaException,
)
from thrift.protocol.TBinaryProtocol import TBinaryProtocol
from thrift.Thrift import TException
from thrift.transport.TSocket import TSocket
from thrift.transport.TTransport import TBufferedTransport

from eyeshot.logs import happened
from eyeshot.table import TABLES
from services.partitioner import hive
from services.partitioner.app import MetastoreUnavailable
from services.partitioner.growth import grow
from services.partitioner.settings import Metastore as Settings
from services.partitioner.view import View
from services.partitioner.view_writer import write_views

T = TypeVar("T")


class HiveMetastore:
    """Opens a connection per task: they are few, and a broken one would have to be found out."""

    def __init__(
        self,
        settings: Settings,
        bucket: str,
        *,
        catalog: str = "lake",
        views: Sequence[View] = (),
        partitions_at_once: int = 500,
    ) -> None:
        self._settings = settings
        self._bucket = bucket
        self._catalog = catalog
        self._views = views
        self._partitions_at_once = partitions_at_once

    async def create_tables(self) -> None:
        """Create the database, the tables and the views where they are missing; add columns that came later.

        Raises SchemaRefused.
        """
        await self._call(self._create_tables)

    async def register(self, table: str, days: Sequence[date]) -> None:
        """Add day partitions where they are missing; one call, all of them or none."""
        database = self._settings.database
        request = AddPartitionsRequest(
            dbName=database,
            tblName=table,
            parts=[hive.partition(database, TABLES[table], day, self._bucket) for day in days],
            ifNotExists=True,
            needResult=False,
        )
        await self._call(lambda client: client.add_partitions_req(request))

    def _create_tables(self, client: Any) -> None:
        database = self._settings.database
        _unless_there(
            lambda: client.create_database(hive.database(database, self._bucket)),
            database=database,
        )
        for table in TABLES.values():
            _unless_there(partial(client.create_table, hive.table(database, table, self._bucket)), table=table.name)
        grow(client, database, TABLES.values(), self._partitions_at_once)
        write_views(client, database, self._catalog, self._views)

    async def _call(self, use: Callable[[Any], T]) -> T:
        return await asyncio.to_thread(self._connected, use)

    def _connected(self, use: Callable[[Any], T]) -> T:
        socket = TSocket(self._settings.host, self._settings.port)
        socket.setTimeout(self._settings.timeout_seconds * 1000)
        transport = TBufferedTransport(socket)
        try:
            transport.open()
            return use(ThriftHiveMetastore.Client(TBinaryProtocol(transport)))
        except (TException, OSError) as error:
            raise MetastoreUnavailable(
                f"metastore at {self._settings.host}:{self._settings.port}: {type(error).__name__}: {_message(error)}"
            ) from None
        finally:
            transport.close()


def _unless_there(create: Callable[[], None], **named: Any) -> None:
    try:
        create()
    except AlreadyExistsException:
        return
    happened("created_in_metastore", **named)


def _message(error: Exception) -> str:
    return str(error.message) if isinstance(error, MetaException) else str(error)
