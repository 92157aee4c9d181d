"""`make erase` on a running stack: with the keeper's own rights, and today is not over."""

import secrets
from typing import Any

from deploy import erase
from tests.builders import batch, event
from tests.running import RunningStack


def test_an_erase_finds_a_page_view_and_leaves_a_day_alone_that_is_not_over(stack: RunningStack, capfd: Any) -> None:
    page_view = secrets.token_urlsafe(16)
    stack.send(batch(pv=page_view, e=[event(), event()]))
    stack.rows(page_view, 2)

    assert erase.run(stack.stack, [f"--page-view={page_view}"]) == 1
    assert "erase: 2 rows found, nothing was done" in capfd.readouterr().out
    assert erase.run(stack.stack, [f"--page-view={page_view}", "--apply"]) == 1
    said = capfd.readouterr()
    assert "erase: 0 rows erased, 2 left in the table" in said.out
    assert "is not over: run this again when it is" in said.err
    assert len(stack.rows(page_view, 2)) == 2


def test_who_is_not_there_is_not_found(stack: RunningStack, capfd: Any) -> None:
    assert erase.run(stack.stack, [f"--page-view={secrets.token_urlsafe(16)}"]) == 0
    assert "erase: 0 rows found" in capfd.readouterr().out


def test_an_id_that_is_none_is_refused(stack: RunningStack, capfd: Any) -> None:
    assert erase.run(stack.stack, ["--page-view=short"]) == 2
    assert "must be 22 characters" in capfd.readouterr().err
