"""The circuit breaker: outcomes and the time in, whether to try again out."""

from services.collector.breaker import Breaker, BreakerRules

RULES = BreakerRules(failures_max=3, pause_seconds_min=1, pause_seconds_max=4)


def opened(at: float = 100) -> Breaker:
    breaker = Breaker(RULES)
    for _ in range(3):
        breaker = breaker.attempted(at).failed(at)
    return breaker


def test_it_opens_at_the_last_failure_allowed_and_not_before():
    breaker = Breaker(RULES).failed(100).failed(100)
    assert (breaker.state, breaker.admits(100)) == ("closed", True)
    breaker = breaker.failed(100)
    assert (breaker.state, breaker.admits(100)) == ("open", False)


def test_a_success_forgets_failures():
    assert Breaker(RULES).failed(1).failed(1).succeeded().failed(1).failed(1).state == "closed"


def test_after_the_pause_one_probe_goes_through():
    breaker = opened()
    assert not breaker.admits(100.99)
    assert breaker.admits(101)
    breaker = breaker.attempted(101)
    assert breaker.state == "half_open"
    assert not breaker.admits(101)


def test_a_good_probe_closes_it():
    assert opened().attempted(101).succeeded().state == "closed"


def test_a_failed_probe_doubles_the_pause_up_to_the_most():
    breaker, now, pauses = opened(), 101.0, []
    for _ in range(4):
        breaker = breaker.attempted(now).failed(now)
        pauses.append(breaker.retry_at - now)
        now = breaker.retry_at
    assert pauses == [2, 4, 4, 4]


def test_late_failures_of_earlier_attempts_do_not_prolong_the_pause():
    assert opened().failed(100.9).retry_at == 101


def test_a_probe_without_an_outcome_does_not_block_for_ever():
    assert opened().attempted(101).admits(102)
