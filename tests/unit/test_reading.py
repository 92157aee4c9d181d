"""Reading a record of the topic: three forms, two namings, nothing lost."""

import pytest

from eyeshot.event import DEPTH_MAX, EVENTS_MAX
from eyeshot.reading import InvalidBatch, decode_json, read_record
from tests.builders import NOW_MS, batch, collected, encoded, event, single, without


def test_a_collected_batch_keeps_its_envelope():
    read = read_record(encoded(collected(ip_prefix="198.51.100.0/24")))
    assert read.envelope is not None
    assert (read.envelope.received_at, read.envelope.ip_prefix) == (NOW_MS, "198.51.100.0/24")
    assert read.reading.head.site == "demo"
    assert [each.event.link for each in read.reading.events] == ["https://shop.example/a"]


def test_a_bare_batch_has_no_envelope():
    read = read_record(encoded(batch()))
    assert read.envelope is None
    assert read.reading.head.page == "https://news.example/article"


def test_a_single_event_is_a_batch_of_one():
    read = read_record(encoded(single(properties={"campaign": 7}, page="https://a.example")))
    assert read.reading.head.page == "https://a.example"
    assert read.reading.events[0].event.properties == {"campaign": 7}


def test_full_names_and_short_names_may_be_mixed():
    posted = without(batch(site="full"), "s") | {"events": [{"event_type": "x", "ts": 1}]}
    del posted["e"]
    read = read_record(encoded(posted))
    assert (read.reading.head.site, read.reading.events[0].event.event_type) == ("full", "x")


def test_when_a_field_comes_under_both_names_the_short_one_counts_and_the_other_is_kept():
    read = read_record(encoded(batch(site="other", e=[event(link="https://other.example")])))
    assert (read.reading.head.site, read.reading.undeclared) == ("demo", {"site": "other"})
    assert read.reading.events[0].undeclared == {"link": "https://other.example"}


def test_undeclared_fields_are_kept_where_they_were():
    read = read_record(encoded(collected(batch(e=[event(colour="red")], theme="dark"), host="c1")))
    assert read.undeclared == {"host": "c1"}
    assert read.reading.undeclared == {"theme": "dark"}
    assert read.reading.events[0].undeclared == {"colour": "red"}


def test_one_bad_event_is_rejected_and_the_others_stay():
    read = read_record(encoded(batch(e=[event(), event(ts="soon"), event(et="link_click")])))
    assert [each.index for each in read.reading.events] == [0, 2]
    assert [(each.index, each.reason) for each in read.reading.rejected] == [
        (1, "Expected `int`, got `str` - at `$.events[1].timestamp`")
    ]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (b"", "Expected JSON, got nothing"),
        (b"{", "truncated"),
        (b"[1]", "Expected `object`, got `array` - at `$`"),
        (b'{"s":"\xff"}', "invalid start byte"),
        (b'{"batch": 3, "received_at": 1}', "Expected `object`, got `int` - at `$.batch`"),
        (encoded(batch(e=[])), "Expected `array` of length 1…500, got 0 - at `$.events`"),
        (encoded(batch(e={})), "Expected `array`, got `object` - at `$.events`"),
        (encoded(batch(s=5)), "Expected `str`, got `int` - at `$.site`"),
        (encoded(collected(batch(s=5))), "Expected `str`, got `int` - at `$.batch.site`"),
        (encoded(without(batch(), "n")), "missing required field `sequence`, which goes with `page_view_id` - at `$`"),
        (encoded(single(timestamp="now")), "Expected `int`, got `str` - at `$.timestamp`"),
        (encoded(without(single(), "site")), "Object missing required field `site` - at `$`"),
        (b'{"e":' + b"[" * 100_000, "nested more than 32 levels deep"),
    ],
)
def test_what_is_no_batch_is_refused_with_the_place(value: bytes, message: str):
    with pytest.raises(InvalidBatch) as refused:
        read_record(value)
    assert message in str(refused.value)


@pytest.mark.parametrize(("number", "valid"), [(EVENTS_MAX, True), (EVENTS_MAX + 1, False)])
def test_a_batch_has_at_most_500_events(number: int, valid: bool):
    value = encoded(batch(e=[event()] * number))
    if valid:
        assert len(read_record(value).reading.events) == number
    else:
        with pytest.raises(InvalidBatch, match="got 501"):
            read_record(value)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"l": "x" * 2048}, None),
        ({"l": "x" * 2049}, "$.events[0].link"),
        ({"lb": "x" * 257}, "$.events[0].label"),
        ({"et": "a" * 64}, None),
        ({"et": "a" * 65}, "$.events[0].event_type"),
        ({"et": "link_impression\n"}, "$.events[0].event_type"),
        ({"vr": 1}, None),
        ({"vr": 1.01}, "$.events[0].visible_ratio"),
        ({"pl": "popup"}, "$.events[0].placement"),
        ({"ts": -1}, "$.events[0].timestamp"),
        ({"x": {str(number): number for number in range(32)}}, None),
        ({"x": {str(number): number for number in range(33)}}, "$.events[0].properties"),
        ({"x": {"nested": {}}}, "$.events[0].properties"),
    ],
)
def test_bounds_hold_at_the_edge_and_one_past_it(changes: dict[str, object], reason: str | None):
    reading = read_record(encoded(batch(e=[event(**changes)]))).reading
    reasons = [each.reason for each in reading.rejected]
    assert reasons == [] if reason is None else reason in reasons[0]


@pytest.mark.parametrize(("levels", "error"), [(DEPTH_MAX, False), (DEPTH_MAX + 1, True)])
def test_json_is_read_down_to_its_deepest_level_and_no_further(levels: int, error: bool):
    value = b'{"a":[' * (levels // 2) + b"[" * (levels % 2) + b"]" * (levels % 2) + b"]}" * (levels // 2)
    if error:
        with pytest.raises(InvalidBatch, match=f"more than {DEPTH_MAX} levels"):
            decode_json(value)
    else:
        decode_json(value)
