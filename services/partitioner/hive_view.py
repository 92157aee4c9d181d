"""A view in; the metastore's own structure for it out, as Trino and Athena write and read views. Pure.

Source: Trino's `ViewReaderUtil` and `ConnectorViewDefinition`: JSON in base64 in a comment, and one dummy column.
"""

import base64

import msgspec
from pymetastore.hive_metastore.ttypes import FieldSchema, SerDeInfo, StorageDescriptor
from pymetastore.hive_metastore.ttypes import Table as HiveTable

from services.partitioner.hive import OWNER
from services.partitioner.view import View

VIEW = "VIRTUAL_VIEW"
COMMENT = "Presto View"
FLAG = "presto_view"


def view_table(database: str, catalog: str, view: View) -> HiveTable:
    """The view as a table of the metastore. It reads with the rights of whoever asks."""
    definition = {
        "originalSql": view.sql,
        "catalog": catalog,
        "schema": database,
        "columns": [{"name": column.name, "type": column.type} for column in view.columns],
        "comment": view.description,
        "runAsInvoker": True,
        "path": [],
    }
    encoded = base64.b64encode(msgspec.json.encode(definition)).decode()
    return HiveTable(
        dbName=database,
        tableName=view.name,
        owner=OWNER,
        tableType=VIEW,
        parameters={FLAG: "true", "comment": COMMENT},
        partitionKeys=[],
        sd=StorageDescriptor(
            cols=[FieldSchema(name="dummy", type="string", comment="")],
            location="",
            serdeInfo=SerDeInfo(name=view.name, parameters={}),
            bucketCols=[],
            sortCols=[],
            parameters={},
            numBuckets=-1,
            compressed=False,
        ),
        viewOriginalText=f"/* {COMMENT}: {encoded} */",
        viewExpandedText=f"/* {COMMENT} */",
    )
