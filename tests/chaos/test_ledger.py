"""The ledger finds what is lost and what is there twice, and says nothing of what may be either way."""

import pytest

from tests.chaos.ledger import Ledger, Place, Row

FIRST, SECOND, THIRD = Place(0, 7), Place(0, 9), Place(1, 7)


def ledger(*acknowledged: Place, attempts: int = 1, events: int = 2, identified: bool = True) -> Ledger:
    """One message of two events, sent so often and acknowledged there."""
    made = Ledger()
    for _ in range(attempts):
        made.attempt("a", events, identified=identified)
    for place in acknowledged:
        made.acknowledge("a", place)
    return made


def rows(*places: Place, name: str = "a", events: int = 2) -> list[Row]:
    """The rows of a message at those places."""
    return [Row(place, position, name) for place in places for position in range(events)]


@pytest.mark.parametrize("window", [False, True])
def test_what_was_acknowledged_is_there_once(window):
    assert ledger(FIRST).judge(rows(FIRST), window=window) == (0, 0, ())


@pytest.mark.parametrize("window", [False, True])
@pytest.mark.parametrize("found", [[], rows(FIRST)])
def test_what_was_not_acknowledged_may_be_there_or_not(found, window):
    assert ledger().judge(found, window=window) == (0, 0, ())


@pytest.mark.parametrize("window", [False, True])
@pytest.mark.parametrize(
    ("found", "lost", "duplicated"),
    [
        ([], 2, 0),
        (rows(FIRST)[:1], 1, 0),
        ([*rows(FIRST), *rows(FIRST)[:1]], 0, 1),
        (rows(FIRST) * 3, 0, 4),
        ([*rows(FIRST), *rows(SECOND)], 0, 2),
        ([*rows(FIRST), Row(FIRST, 0, "nobody")], 0, 1),
    ],
)
def test_every_row_too_few_or_too_many_is_counted(found, lost, duplicated, window):
    assert ledger(FIRST).judge(found, window=window)[:2] == (lost, duplicated)


def test_half_of_what_was_not_acknowledged_is_a_loss():
    assert ledger().judge(rows(FIRST)[:1], window=False)[:2] == (1, 0)


def test_what_was_sent_twice_is_there_twice_until_a_window_removes_it():
    twice = ledger(FIRST, SECOND, attempts=2)

    assert twice.judge(rows(FIRST, SECOND), window=False)[:2] == (0, 0)
    assert twice.judge(rows(FIRST), window=False)[:2] == (2, 0)
    assert twice.judge(rows(FIRST, SECOND), window=True)[:2] == (0, 2)
    assert twice.judge(rows(SECOND), window=True)[:2] == (0, 0)


def test_no_window_removes_what_has_no_identity():
    twice = ledger(FIRST, SECOND, attempts=2, identified=False)

    assert twice.judge(rows(FIRST, SECOND), window=True)[:2] == (0, 0)


def test_more_places_than_were_tried_are_too_many():
    tried_twice = ledger(FIRST, attempts=2)

    assert tried_twice.judge(rows(FIRST, SECOND), window=False)[:2] == (0, 0)
    assert tried_twice.judge(rows(FIRST, SECOND, THIRD), window=False)[:2] == (0, 2)


def test_what_was_attempted_is_counted_with_every_repetition():
    assert (ledger(attempts=3).events_attempted, ledger(attempts=3).resent) == (6, 2)


def test_how_much_was_acknowledged_is_a_share_of_the_sendings():
    assert ledger(FIRST, attempts=4).acknowledged == 0.25
    assert Ledger().acknowledged == 0
