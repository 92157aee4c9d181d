"""`make lifecycle` on a running stack, and a store that has no lifecycle of its own."""

import secrets
from typing import Any

from deploy import lifecycle, lifecycle_rules, s3_users
from services.keeper.settings import Keeper
from tests.builders import batch, event
from tests.running import RunningStack


def test_what_lies_in_each_tier_is_told_and_that_the_store_has_no_rules(stack: RunningStack, capfd: Any) -> None:
    page_view = secrets.token_urlsafe(16)
    stack.send(batch(pv=page_view, e=[event()]))
    stack.rows(page_view)

    assert lifecycle.run(stack.stack) == 0

    said = capfd.readouterr().out
    hot, warm, cold = (line.split() for line in said.splitlines()[1:4])
    assert (hot[:2], warm[:2], cold[:2]) == (["hot", "lake"], ["warm", "lake-warm"], ["cold", "lake-cold"])
    assert int(hot[2]) > 0
    assert "to warm, due " in said
    assert "KEEPER_TIERS=copy" in said
    assert "the store refuses to tell its lifecycle rules: NotImplemented" in said


def test_a_store_that_refuses_rules_is_told_of_and_does_not_stop_the_start(stack: RunningStack) -> None:
    s3 = s3_users.client(stack.stack.s3_endpoint, stack.stack.keys("root"))
    said = lifecycle_rules.ensure(s3, stack.stack.bucket, Keeper(tiers="native"))
    assert said.startswith("tiers: the store refused the lifecycle rules (NotImplemented), so that nothing moves")
