"""What the views are made of: the keys pass through, and the metastore gets what Trino reads."""

import base64
import json
import re

import pytest

from eyeshot.promoted import Promotion
from eyeshot.settings import SettingError, load
from eyeshot.table import PARTITION_KEYS, events_table, to_promote
from services.partitioner.hive_view import view_table
from services.partitioner.settings import PartitionerSettings
from services.partitioner.view import View
from services.partitioner.views import views
from tests.unit.test_settings import ENVIRONMENT

PROMOTIONS = (Promotion("campaign", "string"), Promotion("clicks", "bigint"))
VIEWS = {view.name: view for view in views(["UTC", "Europe/London"], "UTC", PROMOTIONS)}


@pytest.mark.parametrize("view", VIEWS.values(), ids=list(VIEWS))
def test_the_partition_keys_are_the_last_columns_of_every_view(view: View):
    assert [(column.name, column.type) for column in view.columns[-3:]] == [(key, "varchar") for key in PARTITION_KEYS]
    names = [column.name for column in view.columns]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("view", VIEWS.values(), ids=list(VIEWS))
def test_the_metastore_gets_a_view_as_trino_encodes_its_own(view: View):
    table = view_table("eyeshot", "lake", view)
    encoded = re.fullmatch(r"/\* Presto View: (\S+) \*/", table.viewOriginalText)
    assert encoded
    definition = json.loads(base64.b64decode(encoded[1]))
    assert definition["originalSql"] == view.sql
    assert (definition["catalog"], definition["schema"]) == ("lake", "eyeshot")
    assert [each["name"] for each in definition["columns"]] == [column.name for column in view.columns]
    assert (table.tableType, table.parameters["presto_view"]) == ("VIRTUAL_VIEW", "true")
    assert "owner" not in definition  # with runAsInvoker an owner is an error
    assert definition["runAsInvoker"] is True


def test_a_promoted_column_is_filled_in_in_every_view_of_events():
    for name in ("all_events", "business_days_europe_london"):
        assert (
            """coalesce("campaign", TRY_CAST(json_extract_scalar(extra, '$["campaign"]') AS varchar)"""
            in VIEWS[name].sql
        )
    for name in ("all_events", "business_days_europe_london", "impressions"):
        assert {"campaign", "clicks"} <= {column.name for column in VIEWS[name].columns}


def test_a_field_that_was_declared_later_keeps_its_column_and_reads_older_rows_from_extra():
    (view,) = (each for each in views(["UTC"], "UTC", (Promotion("label", "string"),)) if each.name == "all_events")
    names = [column.name for column in view.columns]
    assert names == [*(column.name for column in events_table(()).columns), *PARTITION_KEYS]
    assert """coalesce("label", TRY_CAST(json_extract_scalar(extra, '$["label"]') AS varchar)""" in view.sql
    assert to_promote((Promotion("label", "string"), *PROMOTIONS)) == PROMOTIONS


def test_without_promotions_all_events_are_the_table():
    plain = {view.name: view for view in views(["UTC"], "UTC", ())}["all_events"]
    assert [column.name for column in plain.columns] == [
        *(column.name for column in events_table(()).columns),
        *PARTITION_KEYS,
    ]
    assert "coalesce" not in plain.sql


@pytest.mark.parametrize(
    "zones",
    ["Europe/Nowhere", "UTC,UTC", "UTC,", "Etc/GMT+1,Etc/GMT-1", ",".join(f"Etc/GMT+{n}" for n in range(13)) * 2],
)
def test_zones_that_are_none_or_come_twice_are_refused(zones: str):
    with pytest.raises(SettingError, match="VIEWS_ZONES"):
        load(PartitionerSettings, ENVIRONMENT | {"VIEWS_ZONES": zones})


def test_zones_may_have_spaces_after_their_commas():
    settings = load(PartitionerSettings, ENVIRONMENT | {"VIEWS_ZONES": "Europe/Paris, Asia/Kolkata"})
    assert settings.views.each_zone == ("Europe/Paris", "Asia/Kolkata")
