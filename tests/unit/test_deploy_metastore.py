"""The metastore cannot stop itself: docs/decisions/0025-a-metastore-under-many-queries.md."""

import re
from xml.etree import ElementTree

from deploy.native.artefacts import HIVE
from deploy.native.postgres import MAX_CONNECTIONS

SITE = ElementTree.parse(HIVE / "metastore-site.xml")  # noqa: S314 - our own
OTHERS = 20  # what the pool of generated values, the roll-up and people take


def _number(name):
    values = [each.findtext("value") or "" for each in SITE.iter("property") if each.findtext("name") == name]
    assert len(values) == 1
    assert re.fullmatch("[0-9]+", values[0])
    return int(values[0])


def test_whoever_holds_the_metastores_lock_gets_a_connection():
    assert _number("datanucleus.connectionPool.maxPoolSize") > _number("metastore.server.max.threads")


def test_postgres_takes_as_many_connections_as_the_metastore_may_open():
    assert _number("datanucleus.connectionPool.maxPoolSize") + OTHERS <= MAX_CONNECTIONS
