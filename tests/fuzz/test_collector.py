"""A short selection of `make fuzz-collector`."""

from random import Random

from tests.fuzz.bodies import request
from tests.fuzz.collector import fuzz

BODIES = 20_000
RSS_GROWTH_MIB_MAX = 32


def test_every_mutated_body_gets_the_answer_that_its_record_deserves_and_memory_stays_flat():
    result = fuzz(BODIES, seed=2)
    assert result.wrong == []
    assert result.rss_after - result.rss_before < RSS_GROWTH_MIB_MAX
    assert {202, 400, 403} <= result.statuses.keys()
    assert result.statuses[202] > BODIES / 20


def test_the_same_seed_gives_the_same_bodies():
    one, same, other = ([request(random) for _ in range(50)] for random in (Random(1), Random(1), Random(2)))
    assert one == same != other
