"""Whether each part does its work, asked as its users would; one probe per part, which returns or says why not."""

import logging
import socket
import struct
from collections.abc import Callable

import urllib3
from botocore.exceptions import BotoCoreError, ClientError
from pymetastore.hive_metastore import ThriftHiveMetastore
from thrift.protocol.TBinaryProtocol import TBinaryProtocol
from thrift.Thrift import TException
from thrift.transport.TSocket import TSocket
from thrift.transport.TTransport import TBufferedTransport

from deploy import query, s3_users, topic
from deploy.kafka_rights import ADMIN
from deploy.stack import HOST, SCHEMA, Stack

# Thrift logs every refused connection; here the caller says what is refused.
logging.getLogger("thrift").setLevel(logging.CRITICAL)

Probe = Callable[[Stack], None]
_SECONDS = 3.0


class NotReady(Exception):
    """The part does not do its work yet; the text says why."""


def kafka(stack: Stack) -> None:
    """A broker gives its metadata."""
    try:
        topic.broker_ids(stack.kafka(ADMIN))
    except topic.NoBroker as refused:
        raise NotReady(str(refused)) from refused


def s3(stack: Stack) -> None:
    """A signed request is answered."""
    try:
        s3_users.client(stack.s3_endpoint, stack.keys("root")).list_buckets()
    except (BotoCoreError, ClientError) as refused:
        raise NotReady(str(refused)) from refused


def postgres(stack: Stack) -> None:
    """A start-up message is answered by the question for a password, rather than by "starting up"."""
    words = b"user\0hive\0database\0metastore\0\0"
    try:
        with socket.create_connection((HOST, stack.ports["POSTGRES_PORT"]), _SECONDS) as connection:
            connection.sendall(struct.pack("!II", len(words) + 8, 196608) + words)
            answer = connection.recv(1)
    except OSError as refused:
        raise NotReady(str(refused)) from refused
    if answer != b"R":
        raise NotReady("it is starting")


def metastore(stack: Stack) -> None:
    """Its databases can be listed."""
    connection = TSocket(HOST, stack.ports["METASTORE_PORT"])
    connection.setTimeout(_SECONDS * 1000)
    transport = TBufferedTransport(connection)
    try:
        transport.open()
        ThriftHiveMetastore.Client(TBinaryProtocol(transport)).get_all_databases()
    except (TException, OSError) as refused:
        raise NotReady(str(refused)) from refused
    finally:
        transport.close()


def trino(stack: Stack) -> None:
    """It lists the lake's tables and, when there are some, scans one."""
    try:
        tables = query.run(stack, f"SHOW TABLES FROM {SCHEMA}", wait=0).rows
        if ["events"] in tables:
            query.run(stack, "SELECT 1 FROM events WHERE year >= '2000' LIMIT 1", wait=0)
    except query.QueryFailed as refused:
        if "SCHEMA_NOT_FOUND" not in str(refused):  # the partitioner makes it
            raise NotReady(str(refused)) from refused


def service(port: str) -> Probe:
    """The service says that it can do its work."""

    def probe(stack: Stack) -> None:
        _get(f"http://{HOST}:{stack.ports[port]}/health/ready")

    return probe


def demo(stack: Stack) -> None:
    """The page is served."""
    _get(stack.page_url)


def _get(url: str) -> None:
    try:
        answer = urllib3.request("GET", url, timeout=_SECONDS, retries=False)
    except urllib3.exceptions.HTTPError as refused:
        raise NotReady(f"nothing answers at {url}") from refused
    if answer.status != 200:
        raise NotReady(f"{url} answers {answer.status}: {answer.data.decode(errors='replace').strip()[:300]}")
