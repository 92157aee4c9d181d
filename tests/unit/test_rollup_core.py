"""Which business days there are, what of the lake they are made of, and which of them are due."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from eyeshot.live import LiveTable
from services.rollup import core
from services.rollup.core import Known, NotSeen, Piece, State
from services.rollup.statement import Rules, Share, Totals, counting, groups, question, totals
from tests.unit.test_live import data_file, manifest

ZONES = (
    "UTC",
    "Europe/Paris",
    "America/New_York",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Santiago",  # no midnight when summer begins
    "America/Havana",  # two midnights when it ends
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Pacific/Kiritimati",
)
PARTITION_ZONES = ("UTC", "America/Sao_Paulo", "Australia/Lord_Howe")
UTC_ZONE, PARIS = ZoneInfo("UTC"), ZoneInfo("Europe/Paris")
DAY = date(2026, 11, 2)


def state(day: date = DAY, number: int = 1, rows: int = 1) -> State:
    return State(day, core.pieces(day, UTC_ZONE, UTC_ZONE), number, (rows,))


@pytest.mark.parametrize("partition_zone", PARTITION_ZONES)
@pytest.mark.parametrize("zone", ZONES)
def test_every_moment_of_every_partition_is_in_exactly_one_business_day(zone: str, partition_zone: str):
    here, there = ZoneInfo(zone), ZoneInfo(partition_zone)
    partitions = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    parts: dict[date, list[tuple[int, int]]] = {}
    for day in core.business_days(partitions, here, there):
        for piece in core.pieces(day, here, there):
            begins, ends = core.start_ms(piece.day, there), core.start_ms(piece.day + core.ONE_DAY, there)
            parts.setdefault(piece.day, []).append(
                (begins if piece.since is None else piece.since, ends if piece.until is None else piece.until)
            )
    for partition in partitions:
        edges = sorted(parts[partition])
        assert edges[0][0] == core.start_ms(partition, there)
        assert edges[-1][1] == core.start_ms(partition + core.ONE_DAY, there)
        assert all(one[1] == other[0] and one[0] < one[1] for one, other in pairwise(edges))


def test_a_business_day_of_the_partitions_zone_is_a_partition():
    assert core.pieces(DAY, UTC_ZONE, UTC_ZONE) == (Piece(DAY, None, None),)


def test_the_day_on_which_summer_ends_has_25_hours():
    first, last = core.pieces(date(2026, 10, 25), PARIS, UTC_ZONE)
    assert first == Piece(date(2026, 10, 24), round(datetime(2026, 10, 24, 22, tzinfo=UTC).timestamp() * 1000), None)
    assert last == Piece(date(2026, 10, 25), None, round(datetime(2026, 10, 25, 23, tzinfo=UTC).timestamp() * 1000))


def test_a_day_that_its_zone_left_out_is_made_of_nothing():
    assert core.pieces(date(2011, 12, 30), ZoneInfo("Pacific/Apia"), UTC_ZONE) == ()


def test_a_business_day_has_the_number_of_its_newest_partition():
    live = LiveTable()
    live.append(manifest(0, data_file("a", day=date(2026, 11, 1), rows=3)))
    live.append(manifest(1, data_file("b", day=DAY, rows=4)))
    assert core.business_days(live.numbered("events"), PARIS, UTC_ZONE) == [
        date(2026, 11, 1),
        DAY,
        date(2026, 11, 3),
    ]
    found = [
        core.state(live, day, core.pieces(day, PARIS, UTC_ZONE)) for day in (date(2026, 11, 1), DAY, date(2026, 11, 3))
    ]
    assert [(each.manifest, each.rows) for each in found] == [(0, (0, 3)), (1, (3, 4)), (1, (4, 0))]


def test_a_day_is_due_when_the_log_has_moved_it_on_or_when_it_was_counted_otherwise():
    def due(known: Known | None, first: date | None = None) -> bool:
        return bool(core.changed([state(number=5)], {DAY: known} if known else {}, "now", first))

    assert due(None)
    assert due(Known(4, "now"))
    assert due(Known(5, "before"))
    assert not due(Known(5, "now"))
    assert not due(Known(6, "before"))  # somebody who has read more of the log
    assert not due(None, first=DAY + core.ONE_DAY)
    assert due(None, first=DAY)
    assert due(Known(4, "now"), first=DAY + core.ONE_DAY)  # it is in, and so kept right


def test_days_back_are_counted_from_today():
    now = round(datetime(2026, 11, 10, 23, 30, tzinfo=UTC).timestamp() * 1000)
    assert core.first_day(UTC_ZONE, now, 3) == date(2026, 11, 7)
    assert core.first_day(PARIS, now, 3) == date(2026, 11, 8)
    assert core.first_day(UTC_ZONE, now, 0) is None


def test_other_rows_than_the_logs_are_refused():
    core.check_seen(state(rows=3), (3,))
    with pytest.raises(NotSeen, match="2026-11-02: the log names 3 rows, Trino sees 2"):
        core.check_seen(state(rows=3), (2,))


@pytest.mark.parametrize(("rows", "shares"), [(0, 1), (1, 1), (10, 1), (11, 2), (20, 2), (21, 4), (41, 8)])
def test_a_large_day_is_cut_into_shares(rows: int, shares: int):
    assert core.slices(rows, 10) == shares


def test_a_group_is_named_by_all_of_its_words():
    names = {core.key("a", "b", "c", ""), core.key("a", "b", "", "c"), core.key("ab", "", "c", "")}
    assert len(names) == 3
    assert {len(each) for each in names} == {32}


def test_a_question_names_partitions_and_cuts_by_the_time_of_receipt_only_where_a_day_is_cut():
    whole = question(core.pieces(DAY, UTC_ZONE, UTC_ZONE), 0, Rules(), Share())
    assert "received_at" not in whole
    assert "(year = '2026' AND month = '11' AND day = '02')" in whole
    cut = question(core.pieces(DAY, PARIS, UTC_ZONE), 0, Rules(), Share())
    assert "day = '01') AND received_at >= TIMESTAMP '2026-11-01 23:00:00.000000'" in cut
    assert "day = '02') AND received_at < TIMESTAMP '2026-11-02 23:00:00.000000'" in cut
    assert counting(core.pieces(DAY, PARIS, UTC_ZONE)).count("count_if") == 2


def test_rules_are_part_of_what_is_asked_and_of_what_is_noted():
    pieces = core.pieces(DAY, UTC_ZONE, UTC_ZONE)
    assert "suspect IS NOT NULL" in question(pieces, 0, Rules(), Share())
    assert "suspect IS NOT NULL" not in question(pieces, 0, Rules(with_suspects=True), Share())
    assert "bitwise_and(coalesce(quality, 0), 17) <> 0" in question(pieces, 0, Rules(refused_quality=17), Share())
    rules = (Rules(), Rules(with_suspects=True), Rules(refused_quality=1))
    assert len({each.definition for each in rules}) == len(rules)


def test_an_answer_is_groups_and_what_was_come_across():
    rows: list[list[Any]] = [
        ["demo", "p", "l", "inline", 3, 1, 2, 1, 900, 3, 4, 1, 0, 1, 5, 0],
        ["demo", "p", "", "", 0, 0, 0, 1, None, 0, 1, 0, 0, 0, 0, 1],
        [None, None, None, None, 0, 0, 0, 0, None, 0, 0, 0, 2, 0, 7, 9],
    ]
    first, second = groups(rows)
    assert first[1:] == ("demo", "p", "l", "inline", 3, 1, 2, 1, 900, 3)
    assert second[5:] == (0, 0, 0, 1, 0, 0)
    assert totals(rows, 2) == Totals((12, 10), events=5, duplicates=1, suspects=2, late=1)
    assert totals([], 2) == Totals((0, 0))
    one, other = totals(rows[:1], 2), totals(rows[1:], 2)
    assert one.with_rows(other) == totals(rows, 2)
    assert totals(rows, 2).with_share(totals(rows, 2)) == Totals((12, 10), 10, 2, 4, 2)
