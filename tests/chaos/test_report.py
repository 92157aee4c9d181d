"""The last line is for machines, the table before it for people."""

from collections import Counter

from tests.chaos.report import Tally, last_line, render


def test_the_last_line_says_runs_faults_lost_and_duplicated():
    assert last_line(Tally(2, 3, 4, Counter(a=5, b=6))) == "runs=2 faults=11 lost=3 duplicated=4"


def test_tallies_add_up_kind_by_kind():
    total = Tally()
    total.add(Tally(1, 0, 2, Counter(a=1)))
    total.add(Tally(1, 3, 0, Counter(a=1, b=1)))

    assert render(total).split() == ["a", "2", "b", "1", "runs=2", "faults=3", "lost=3", "duplicated=2"]
    assert not total.exact
