"""Any process killed without warning comes back by itself, and what is sent afterwards arrives."""

import os
import secrets
import signal

import psutil
import pytest

from deploy import audit
from deploy.native import orphans
from deploy.parts import NAMES
from tests.builders import batch
from tests.running import HEAL_SECONDS, RunningStack


def _arrives(stack: RunningStack) -> None:
    page_view = secrets.token_urlsafe(16)
    stack.send(batch(pv=page_view))
    stack.rows(page_view, seconds=HEAL_SECONDS)


@pytest.mark.parametrize("part", [name for name in NAMES if name != "demo"])
def test_events_sent_after_a_process_was_killed_arrive(stack: RunningStack, part: str) -> None:
    stack.crash(part)

    _arrives(stack)


def test_a_killed_supervisor_and_what_it_left_are_mended_by_the_next_up(stack: RunningStack) -> None:
    (supervisor,) = orphans.by_part(stack.stack.state)[orphans.SUPERVISOR]
    left = {process.pid for process in orphans.of(stack.stack.state)} - {supervisor.pid}
    os.kill(supervisor.pid, signal.SIGKILL)

    stack.up()

    assert left
    assert not [pid for pid in left if psutil.pid_exists(pid)]
    _arrives(stack)


def test_up_again_changes_nothing(stack: RunningStack) -> None:
    before = {process.pid for process in orphans.of(stack.stack.state) if process.children() == []}

    stack.up()

    assert before & {process.pid for process in orphans.of(stack.stack.state)}


def test_after_all_that_the_audit_proves_every_offset_present_exactly_once(
    stack: RunningStack, capfd: pytest.CaptureFixture[str]
) -> None:
    _arrives(stack)

    status = audit.run(stack.stack, deep=True)

    assert status == 0, capfd.readouterr().out
