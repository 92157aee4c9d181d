"""For tests alone: this process kills itself, as `kill -9` would, when it reaches a named step.

`FAIL_POINT=after_commit:3` dies the third time that a commit was answered. Alone it stops the start with an error: it
counts only beside `FAIL_POINT_KILLS=this process`. Neither is a setting, so that no stack of ours passes them on.
"""

import logging
import os
import signal
from collections.abc import Mapping
from typing import Literal, get_args

from eyeshot.logs import happened

CompactorStep = Literal[
    "after_seek",  # at the log's offsets, and nothing read yet
    "during_window",  # while a window of duplicates is read again
    "before_upload",
    "after_upload_start",
    "before_part",
    "after_part",
    "before_abort",
    "before_commit",
    "after_commit",
    "after_tip_hint",
    "before_publish",  # of each file, as the next three words
    "after_publish",
    "before_offsets",
    "after_offsets",
    "on_revoke",
    "during_recovery",  # of each manifest that a dead committer left
    "before_repair",
    "during_rebuild",
    "before_repair_commit",
    "after_repair_commit",
]
PartitionerStep = Literal[
    "before_register",  # of a batch of days
    "after_register",
    "before_swap",  # of each day, as the next word
    "after_swap",
    "before_drop",
    "after_drop",
    "before_delete",  # of each file that no query can see any more
    "after_delete",
]
RollupStep = Literal[
    "before_rollup_query",
    "after_rollup_query",
    "after_rollup_copy",
    "before_rollup_commit",
    "after_rollup_commit",
]
KeeperStep = Literal[
    "before_rewriting",  # of a day, into whatever tier
    "after_rewriting",  # its files exist, and nobody has named them
    "before_replacement",  # they were read back and compared
    "after_replacement",
    "before_removal",  # of a rewriting that was given up
    "after_removal",
]
Step = CompactorStep | PartitionerStep | KeeperStep | RollupStep
COMPACTOR_STEPS: tuple[CompactorStep, ...] = get_args(CompactorStep)
PARTITIONER_STEPS: tuple[PartitionerStep, ...] = get_args(PartitionerStep)
KEEPER_STEPS: tuple[KeeperStep, ...] = get_args(KeeperStep)
ROLLUP_STEPS: tuple[RollupStep, ...] = get_args(RollupStep)
STEPS: tuple[Step, ...] = COMPACTOR_STEPS + PARTITIONER_STEPS + KEEPER_STEPS + ROLLUP_STEPS

_left: dict[str, int] = {}


class BadFailPoint(Exception):
    """The fail point is not one, or was set without its second variable."""


def arm(environment: Mapping[str, str]) -> None:
    """Take up the fail point, if there is one. Raises BadFailPoint."""
    text = environment.get("FAIL_POINT")
    if text is None:
        return
    step, _, times = text.partition(":")
    if environment.get("FAIL_POINT_KILLS") != "this process":
        raise BadFailPoint("FAIL_POINT is set, which only tests may do: unset it")
    if step not in STEPS or not times.isdecimal() or int(times) < 1:
        raise BadFailPoint(f"FAIL_POINT is `{text}`, but must be a step and a count from 1: {', '.join(STEPS)}")
    _left[step] = int(times)
    happened("fail_point_armed", level=logging.ERROR, step=step, times=int(times))


def reach(step: Step) -> None:
    """Say that the step is reached; when it is the armed one for the last time, nothing comes after it."""
    if step in _left:
        _left[step] -= 1
        if not _left[step]:
            os.kill(os.getpid(), signal.SIGKILL)
