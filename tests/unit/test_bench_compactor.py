"""The compactor's benchmark fills topics with what it says, and its arithmetic is that of the report."""

from itertools import islice

import pytest

from bench.compactor import fill, recovery, report
from services.compactor.plain import Collected, Single, collected_or_single

MIB = 1024 * 1024
NOW = 1_764_115_100_000


@pytest.mark.parametrize(("shape", "struct"), [(fill.batches, Collected), (fill.singles, Single)])
def test_what_is_made_from_templates_is_read_in_one_pass(shape, struct, monkeypatch):
    monkeypatch.setattr(fill, "TEMPLATE_EVENTS", 400)
    made = list(islice(fill.endless(shape()), 300))

    read = [collected_or_single(each.value) for each in made]

    assert {type(each) for each in read} == {struct}


def test_a_page_view_made_again_is_another_one_with_the_same_batches(monkeypatch):
    monkeypatch.setattr(fill, "TEMPLATE_EVENTS", 400)
    shape = fill.batches()
    made = list(islice(fill.endless(shape), 2 * len(shape.templates)))

    heads = [collected_or_single(each.value).batch for each in made]
    identities = {(head.page_view_id, head.sequence) for head in heads}

    assert len(identities) == len(made)
    assert [each.key.decode() for each in made] == [head.page_view_id for head in heads]
    first, again = heads[0], heads[len(shape.templates)]
    assert first.page_view_id != again.page_view_id
    assert [event.link for event in first.events] == [event.link for event in again.events]


@pytest.mark.parametrize(
    ("sizes", "share"),
    [([], None), ([128 * MIB], 1.0), ([int(128 * MIB * 1.03)], 1.0), ([round(128 * MIB * 1.031), 128 * MIB], 0.5)],
)
def test_a_file_counts_within_three_percent(sizes, share):
    assert report.files_within(sizes) == share


def test_the_95th_percentile_of_twenty_is_the_last_but_one():
    assert recovery.percentile([float(each) for each in range(20)]) == 18.0
