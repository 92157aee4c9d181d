"""A field that nobody declared becomes a column: what goes there, what stays, and what cannot be promoted."""

import json
from pathlib import Path
from typing import Any

import pytest

from eyeshot.promoted import Promotion
from eyeshot.table import events_table
from generate.promote import NotPromoted, promoted_with, rendered
from services.compactor.promote import promote
from services.compactor.rows import rows_of
from tests.builders import batch, collected, event, record, single

CAMPAIGN, SHARE, COUNT = Promotion("campaign", "string"), Promotion("share", "double"), Promotion("count", "bigint")
ALL = (CAMPAIGN, SHARE, COUNT)


def rows(posted: dict[str, Any], promotions=ALL) -> list[dict[str, Any]]:
    return rows_of(record(collected(posted)), promotions).events


def test_a_promoted_field_goes_to_its_column_and_out_of_extra():
    (row,) = rows(batch(e=[event(campaign="spring", colour="red")]))
    assert row["campaign"] == "spring"
    assert json.loads(row["extra"]) == {"colour": "red"}


def test_the_batchs_field_is_every_events_unless_the_event_has_its_own():
    mine, theirs = rows(batch(campaign="spring", e=[event(campaign="autumn"), event()]))
    assert (mine["campaign"], json.loads(mine["extra"])) == ("autumn", {"$batch": {"campaign": "spring"}})
    assert (theirs["campaign"], theirs["extra"]) == ("spring", None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("campaign", 5),
        ("campaign", None),
        ("campaign", {"a": 1}),
        ("campaign", True),
        ("count", 1.0),
        ("count", True),
        ("count", 2**63),
        ("count", "5"),
        ("share", 2**53 + 1),
        ("share", False),
        ("share", "0.5"),
    ],
)
def test_a_value_of_another_type_stays_in_extra_and_the_event_is_stored(name: str, value: Any):
    (row,) = rows(batch(e=[event(**{name: value})]))
    assert row[name] is None
    assert json.loads(row["extra"]) == {name: value}


@pytest.mark.parametrize(("name", "value"), [("count", -(2**63)), ("count", 2**63 - 1), ("share", 3), ("share", 0.1)])
def test_a_number_that_its_column_holds_exactly_goes_there(name: str, value: float):
    (row,) = rows(batch(e=[event(**{name: value})]))
    assert (row[name], row["extra"]) == (value, None)


def test_a_single_event_of_a_backend_is_promoted_too():
    (row,) = rows_of(record(single(campaign="spring")), ALL).events
    assert (row["campaign"], row["extra"]) == ("spring", None)


def test_only_what_stays_in_extra_is_counted_as_undeclared():
    posted = batch(campaign="spring", colour="red", e=[event(share=0.5), event(share="half", size=1)])
    assert sorted(rows_of(record(collected(posted)), ALL).undeclared) == ["colour", "share", "size"]


def test_without_promotions_everything_stays():
    (row,) = rows(batch(campaign="spring"), promotions=())
    assert json.loads(row["extra"]) == {"$batch": {"campaign": "spring"}}


def test_what_came_in_is_not_changed():
    own, of_the_batch = {"campaign": "spring"}, {"count": 5}
    promote(own, of_the_batch, ALL)
    assert (own, of_the_batch) == ({"campaign": "spring"}, {"count": 5})


def test_promoted_columns_come_last_so_that_the_others_keep_their_places():
    assert [column.name for column in events_table(ALL).columns][-4:] == ["batch_index", "campaign", "share", "count"]


@pytest.mark.parametrize(
    ("field", "type_", "why"),
    [
        ("year", "string", "partition key"),
        ("link", "string", "already"),
        ("campaign", "string", "already"),
        ("campaignId", "string", "lower case"),
        ("$x", "string", "lower case"),
        ("price", "decimal", "none of string, bigint, double"),
    ],
)
def test_what_cannot_be_a_column_is_refused_with_the_reason(field: str, type_: str, why: str):
    with pytest.raises(NotPromoted, match=why):
        promoted_with(field, type_, [CAMPAIGN])


def test_the_file_that_is_written_says_the_promotions():
    there = (Path(__file__).parents[2] / "eyeshot" / "promoted.py").read_text()
    written: dict[str, Any] = {}
    exec(rendered(rendered(there, [CAMPAIGN]), promoted_with("a_price", "double", [CAMPAIGN])), written)  # noqa: S102
    assert [tuple(each) for each in written["PROMOTED"]] == [("campaign", "string"), ("a_price", "double")]
