"""A batch in at the collector comes out of Trino: at once, after everything restarted, and after any part crashed."""

import pytest

from tests.compose.stack import LINKS, SERVICES, Stack


def test_a_batch_that_was_accepted_is_read_by_sql(stack: Stack) -> None:
    assert stack.links(stack.send()) == list(LINKS)


def test_a_restart_of_every_container_loses_nothing_and_new_events_arrive(stack: Stack) -> None:
    before = stack.send()
    assert stack.links(before) == list(LINKS)
    stack.restart()
    assert stack.links(stack.send()) == list(LINKS)
    assert stack.links(before) == list(LINKS)


@pytest.mark.parametrize("service", SERVICES)
def test_a_part_that_crashed_comes_back_by_itself_and_new_events_arrive(stack: Stack, service: str) -> None:
    stack.crash(service)
    assert stack.links(stack.send()) == list(LINKS)
