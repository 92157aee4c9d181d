"""A Thrift client of the metastore and views in; the views as they should be there. Idempotent."""

from collections.abc import Iterable
from typing import Any

from pymetastore.hive_metastore.ttypes import (
    EnvironmentContext,
    GetTableRequest,
    NoSuchObjectException,
)

from eyeshot.logs import happened
from services.partitioner.hive_view import VIEW, view_table
from services.partitioner.schema import SchemaRefused
from services.partitioner.view import View


def write_views(client: Any, database: str, catalog: str, views: Iterable[View]) -> None:
    """Create the views that are missing and replace those that say something else.

    Raises SchemaRefused when a table has the name of a view.
    """
    for view in views:
        wanted = view_table(database, catalog, view)
        there = _there(client, database, view.name)
        if there is None:
            client.create_table(wanted)
            happened("created_in_metastore", view=view.name)
        elif there.tableType != VIEW:
            raise SchemaRefused(
                f"{view.name} is a table in the metastore, but a view of that name is wanted: rename it"
            )
        elif there.viewOriginalText != wanted.viewOriginalText:
            client.alter_table_with_environment_context(database, view.name, wanted, EnvironmentContext({}))
            happened("view_replaced", view=view.name)


def _there(client: Any, database: str, name: str) -> Any:
    try:
        return client.get_table_req(GetTableRequest(dbName=database, tblName=name)).table
    except NoSuchObjectException:
        return None
