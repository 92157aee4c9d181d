"""The collector's verdict on a posted body."""

import pytest

from eyeshot.event import SDK_EVENT_TYPES
from eyeshot.reading import InvalidBatch
from eyeshot.verdict import REQUIRED, verdict
from tests.builders import PAGE_VIEW, batch, encoded, event, without


def test_a_valid_batch_is_accepted_whole():
    judged = verdict(encoded(batch(e=[event()] * 20)))
    assert (judged.accepted, judged.rejected, judged.page_view_id) == (20, (), PAGE_VIEW)


@pytest.mark.parametrize("event_type", [*SDK_EVENT_TYPES, "my_own_type", "link_impression2"])
@pytest.mark.parametrize("more", [{}, {"pl": "inline"}, {"pl": "widget", "w": "w1"}, {"x": {"a": 1}}])
def test_the_sdks_own_types_and_those_of_others_are_judged_alike(event_type: str, more: dict[str, object]):
    assert verdict(encoded(batch(e=[event(), event(et=event_type, **more)]))) == (2, (), PAGE_VIEW, "demo")


@pytest.mark.parametrize("wrong", [{"et": "Link"}, {"et": ""}, {"pl": "banner"}, {"pl": ""}])
def test_what_the_sdk_cannot_have_sent_is_judged_by_the_bounds(wrong: dict[str, str]):
    assert [each.index for each in verdict(encoded(batch(e=[event(), event(**wrong)]))).rejected] == [1]


def test_an_unknown_field_rejects_nothing():
    assert verdict(encoded(batch(theme="dark", e=[event(colour="red")]))).accepted == 1


def test_bad_events_are_named_by_index():
    judged = verdict(encoded(batch(e=[event(vr=2), event()])))
    assert judged.accepted == 1
    assert [(each.index, each.reason) for each in judged.rejected] == [
        (0, "Expected `float` <= 1.0 - at `$.events[0].visible_ratio`")
    ]


SHORT = {"page_view_id": "pv", "source": "so", "sequence": "n", "sent_at": "st"}


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("null", [True, False])
def test_over_http_identity_and_sending_time_are_required(name: str, null: bool):
    posted = batch(**{SHORT[name]: None}) if null else without(batch(), SHORT[name])
    with pytest.raises(InvalidBatch, match=f"missing required field `{name}`"):
        verdict(encoded(posted))
