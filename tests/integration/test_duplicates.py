"""A batch that is sent again, as browsers do that did not hear the answer, is stored once: even after a crash."""

import secrets

import pytest

from deploy import audit
from tests.builders import batch, event
from tests.running import HEAL_SECONDS, RunningStack

EVENTS = 3
LATER = 1_000


def _numbers(stack: RunningStack, page_view: str, last: int) -> list[int]:
    """The numbers stored of a page view, once the one is there that was sent after all others."""
    stack.send(batch(pv=page_view, n=last, e=[event()]))
    ours = f"FROM events WHERE year >= '2000' AND page_view_id = '{page_view}'"
    found = stack.select(f"SELECT sequence {ours} AND EXISTS (SELECT 1 {ours} AND sequence = {last}) ORDER BY sequence")
    return [row["sequence"] for row in found]


def test_a_batch_sent_again_before_and_after_a_flush_is_stored_once(stack: RunningStack) -> None:
    page_view = secrets.token_urlsafe(16)
    sent = batch(pv=page_view, e=[event()] * EVENTS)
    stack.send(sent)
    stack.send(sent)

    assert _numbers(stack, page_view, LATER) == [*range(EVENTS), LATER]

    stack.send(sent)
    stack.send(batch(pv=page_view, n=1, e=[event()] * EVENTS))  # grouped in another way, with one that is new

    assert _numbers(stack, page_view, LATER + 1) == [*range(EVENTS + 1), LATER, LATER + 1]


def test_a_batch_sent_again_after_the_compactor_was_killed_is_stored_once(
    stack: RunningStack, capfd: pytest.CaptureFixture[str]
) -> None:
    page_view = secrets.token_urlsafe(16)
    sent = batch(pv=page_view, e=[event()] * EVENTS)
    stack.send(sent)
    stack.rows(page_view, EVENTS, HEAL_SECONDS)
    stack.crash("compactor")
    stack.send(sent)

    assert _numbers(stack, page_view, LATER) == [*range(EVENTS), LATER]
    assert audit.run(stack.stack, deep=True) == 0, capfd.readouterr().out
