"""Tables and days in, Thrift calls to the Hive metastore out; only calls that Hive 2.3 to 4 share."""

import asyncio
import socket
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, TypeVar

from pymetastore.hive_metastore import ThriftHiveMetastore
from pymetastore.hive_metastore.ttypes import (
    AddPartitionsRequest,
    AlreadyExistsException,
    MetaException,
)
from thrift.protocol.TBinaryProtocol import TBinaryProtocolAccelerated
from thrift.Thrift import TException
from thrift.transport.TSocket import TSocket
from thrift.transport.TTransport import TBufferedTransport, TTransportException

from eyeshot.logs import happened
from eyeshot.table import TABLES
from services.partitioner import hive
from services.partitioner.core import Registered
from services.partitioner.growth import grow
from services.partitioner.places import Place
from services.partitioner.ports import MetastoreRefused, MetastoreUnavailable
from services.partitioner.settings import Metastore as Settings
from services.partitioner.view import View
from services.partitioner.view_writer import write_views

T = TypeVar("T")
ALL = -1
CONNECT_SECONDS = 5.0
KEEP_ALIVE = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}


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

    async def names(self, table: str) -> list[str]:
        """The name of every partition of a table."""
        return list(await self._call(lambda client: client.get_partition_names(self._settings.database, table, ALL)))

    async def read(self, table: str, names: Sequence[str]) -> dict[str, Registered]:
        """The partitions with these names; those that are not there are left out."""
        found = await self._call(lambda client: self._find(client, table, names))
        return {name: hive.registered(partition) for name, partition in found.items()}

    async def register(self, table: str, places: Mapping[date, Place], located_at: int) -> None:
        """Add day partitions where they are missing; one call, all of them or none."""
        database = self._settings.database
        request = AddPartitionsRequest(
            dbName=database,
            tblName=table,
            parts=[hive.partition(database, TABLES[table], day, place, located_at) for day, place in places.items()],
            ifNotExists=True,
            needResult=False,
        )
        await self._call(lambda client: client.add_partitions_req(request))

    async def swap(self, table: str, name: str, there: Registered, place: Place, located_at: int) -> bool:
        """Point a partition elsewhere, in one call, unless it is not `there` any more; whether it was."""

        def swap(client: Any) -> bool:
            partition = self._find(client, table, [name]).get(name)
            if partition is None or hive.registered(partition) != there:
                return False
            client.alter_partition(self._settings.database, table, hive.relocated(partition, place, located_at))
            return True

        return await self._call(swap)

    async def drop(self, table: str, name: str, there: Registered) -> bool:
        """Take a partition away and leave its data, unless it is not `there` any more; whether it was."""

        def drop(client: Any) -> bool:
            partition = self._find(client, table, [name]).get(name)
            if partition is None or hive.registered(partition) != there:
                return False
            return bool(client.drop_partition_by_name(self._settings.database, table, name, False))

        return await self._call(drop)

    def _find(self, client: Any, table: str, names: Sequence[str]) -> dict[str, Any]:
        found = client.get_partitions_by_names(self._settings.database, table, list(names))
        return {hive.name_of(partition): partition for partition in found}

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
        wire = TSocket(self._settings.host, self._settings.port)
        wire.setTimeout(min(CONNECT_SECONDS, self._settings.timeout_seconds) * 1000)
        transport = TBufferedTransport(wire)
        try:
            transport.open()
            wire.setTimeout(self._settings.timeout_seconds * 1000)
            _notice_a_dead_peer(wire.handle)
            return use(ThriftHiveMetastore.Client(TBinaryProtocolAccelerated(transport)))
        except (TException, OSError) as error:
            at = f"metastore at {self._settings.host}:{self._settings.port}"
            silent = isinstance(error, TTransportException | OSError)
            kind = MetastoreUnavailable if silent else MetastoreRefused
            raise kind(f"{at}: {type(error).__name__}: {_message(error)}") from None
        finally:
            transport.close()


def _notice_a_dead_peer(connection: socket.socket) -> None:
    """A metastore whose machine vanished is noticed long before the time-out of a call that may rightly take long."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in KEEP_ALIVE.items():
        if hasattr(socket, option):  # not every system has every one
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def _unless_there(create: Callable[[], None], **named: Any) -> None:
    try:
        create()
    except AlreadyExistsException:
        return
    happened("created_in_metastore", **named)


def _message(error: Exception) -> str:
    return str(error.message) if isinstance(error, MetaException) else str(error)
