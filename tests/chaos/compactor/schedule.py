"""A seed in; what will be broken, when and how, out. Pure: the same seed gives the same schedule."""

import random
from collections.abc import Iterator
from typing import Literal, NamedTuple

from eyeshot.fail_point import COMPACTOR_STEPS

Kind = Literal[
    "kill",
    "pause",
    "stall",
    "intruder",
    "join",
    "leave",
    "store_kill",
    "store_restart",
    "broker_kill",
    "broker_restart",
]
Answer = Literal[
    "refused_before",  # 503, and nothing was done
    "silent_before",  # no answer, and nothing was done
    "reset_before",  # the connection breaks, and nothing was done
    "error_after",  # it was done, and the answer is 500
    "silent_after",  # it was done, and there is no answer
    "reset_after",  # it was done, and the connection breaks
    "delayed",  # it was done, and the answer comes late, but in time
    "late",  # the one who asked has given up and asks again; then it is done
]
Request = Literal["commit", "complete", "start", "part", "abort", "look", "read", "other"]

# The time in which a schedule happens, and how long what lasts takes (seconds, from and to).
QUIET_SECONDS = 2.0
LONGER = 4.0
LASTS: dict[Kind, tuple[float, float]] = {
    "pause": (0.1, 0.8),
    "stall": (3.0, 5.0),
    "intruder": (4.0, 6.0),
    "join": (3.0, 5.0),
    "leave": (1.0, 3.0),
}
# How often in a run, and how often more for each compactor: every run has some of each. A Kafka that starts takes its
# time, and so does a compactor: one that is disturbed too often reaches no fail point.
TIMES: dict[Kind, int] = {"kill": 0, "pause": 1, "stall": 1, "intruder": 2, "join": 1, "leave": 1}
EACH: tuple[Kind, ...] = ("kill", "stall")
STORE: tuple[Kind, ...] = ("store_kill", "store_restart")
BROKER: tuple[Kind, ...] = ("broker_kill", "broker_restart")
# One in so many requests is answered wrongly.
ONE_IN: dict[Request, int] = {
    "commit": 4,
    "complete": 4,
    "start": 9,
    "part": 7,
    "abort": 4,
    "look": 14,
    "read": 18,
    "other": 8,
}
ANSWERS: tuple[Answer, ...] = (
    "refused_before",
    "silent_before",
    "reset_before",
    "error_after",
    "silent_after",
    "reset_after",
    "delayed",
    "late",
)
REPAIR_STEPS = ("before_repair", "during_rebuild", "before_repair_commit", "after_repair_commit")
ORDINARY_STEPS = tuple(step for step in COMPACTOR_STEPS if step not in REPAIR_STEPS)


class Fault(NamedTuple):
    """Something that happens at a time, to the target-th of those it can happen to, and how long it lasts."""

    at_seconds: float
    kind: Kind
    target: int
    seconds: float


class Life(NamedTuple):
    """How one life of a compactor is to end, if nothing ends it before."""

    fail_point: str
    lose_uploads: bool = False  # afterwards the store forgets the uploads that it committed and did not publish


class Schedule(NamedTuple):
    """One run."""

    seed: int
    seconds: float
    compactors: int
    faults: tuple[Fault, ...]
    faults_min: int = 0  # it goes on until so many took place, up to LONGER times as long
    calm: bool = False  # no compactor has a fail point and every answer of the store arrives


def calm(seed: int, seconds: float) -> Schedule:
    """A run in which nothing breaks: what a harness finds then is its own mistake, or the compactor's."""
    return Schedule(seed, seconds, 1, faults=(), calm=True)


def schedule(seed: int, seconds: float, faults_min: int) -> Schedule:
    """What happens in a run of so many seconds; one run in three has a single compactor."""
    chance = random.Random(f"schedule {seed}")
    kinds: list[Kind] = [kind for kind, times in TIMES.items() for _ in range(times)]
    compactors = 1 + seed % 3
    kinds += [*EACH * compactors, STORE[seed % 2], BROKER[seed // 2 % 2]]
    faults = [_fault(chance, kind, seconds) for kind in kinds]
    return Schedule(seed, seconds, compactors, tuple(sorted(faults)), faults_min)


def _fault(chance: random.Random, kind: Kind, seconds: float) -> Fault:
    at_seconds = chance.uniform(QUIET_SECONDS, seconds)
    return Fault(round(at_seconds, 2), kind, chance.randrange(12), round(chance.uniform(*LASTS.get(kind, (0, 0))), 2))


def lives(seed: int, member: int) -> Iterator[Life]:
    """One compactor's lives, without end: every step comes up, and after a lost upload a step of its repair."""
    chance = random.Random(f"lives {seed} {member}")
    while True:
        for step in chance.sample(ORDINARY_STEPS, len(ORDINARY_STEPS)):
            yield Life(f"{step}:{chance.choice((1, 1, 2, 3))}")
            if chance.random() < 0.25:
                yield Life(f"after_commit:{chance.choice((1, 2))}", lose_uploads=True)
                yield Life(f"{chance.choice(REPAIR_STEPS)}:1")


def answers(seed: int, request: Request) -> Iterator[Answer | None]:
    """What becomes of the answers to requests of a kind, one after the other; None is left alone."""
    chance = random.Random(f"answers {seed} {request}")
    while True:
        yield chance.choice(ANSWERS) if chance.randrange(ONE_IN[request]) == 0 else None
