"""A lake's name in; what the metastore knows of its days, asked over one connection, out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from pymetastore.hive_metastore import ThriftHiveMetastore
from pymetastore.hive_metastore.ttypes import NoSuchObjectException
from thrift.protocol.TBinaryProtocol import TBinaryProtocol
from thrift.transport.TSocket import TSocket
from thrift.transport.TTransport import TBufferedTransport

from bench.query.place import Place
from deploy.stack import HOST
from eyeshot.table import partition_values

ANSWER_SECONDS = 60
ALL = -1


class Metastore:
    """The table `events` of one database."""

    def __init__(self, client: Any, database: str) -> None:
        self._client = client
        self._database = database

    def location(self, day: date) -> str | None:
        """Where the day's files are; None when it does not know the day."""
        try:
            found = self._client.get_partition(self._database, "events", list(partition_values(day)))
        except NoSuchObjectException:
            return None
        return str(found.sd.location)

    def days(self) -> int:
        """How many days it knows."""
        try:
            return len(self._client.get_partition_names(self._database, "events", ALL))
        except NoSuchObjectException:
            return 0

    def drop(self, days: Sequence[date]) -> None:
        """Forget days, not their files."""
        for day in days:
            self._client.drop_partition(self._database, "events", list(partition_values(day)), False)


@contextmanager
def connected(place: Place, database: str) -> Iterator[Metastore]:
    """A connection."""
    socket = TSocket(HOST, place.stack.ports["METASTORE_PORT"])
    socket.setTimeout(ANSWER_SECONDS * 1000)
    transport = TBufferedTransport(socket)
    transport.open()
    try:
        yield Metastore(ThriftHiveMetastore.Client(TBinaryProtocol(transport)), database)
    finally:
        transport.close()
