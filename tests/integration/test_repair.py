"""`make repair` on a running stack, with the partitioner's own rights."""

import secrets
from typing import Any

from deploy import repair
from tests.builders import batch, event
from tests.running import RunningStack

OF_THE_METASTORE = ("missing partition", "extra partition", "wrong location", "stale parameters", "missing file")


def test_the_metastore_of_a_stack_that_runs_agrees_with_its_log(stack: RunningStack, capfd: Any) -> None:
    page_view = secrets.token_urlsafe(16)
    stack.send(batch(pv=page_view, e=[event()]))
    stack.rows(page_view)

    status = repair.run(stack.stack, apply=True)  # other tests may have left objects of nobody's

    said = capfd.readouterr().out
    assert status < 2
    assert "repair: " in said
    assert not [kind for kind in OF_THE_METASTORE if kind in said], said
