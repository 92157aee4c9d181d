"""Random histories of the commit protocol: no row twice or missing at the end, none visible twice at any moment."""

import logging
import os
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from eyeshot.commit_log import decode
from eyeshot.lake import log as lake_log
from eyeshot.lake.ports import NoSuchObject, StoreUnavailable
from eyeshot.lake.window import Window
from eyeshot.table import LOG_PREFIX
from tests.property.model import PARTITIONS, Violation, World
from tests.property.worker import Worker

HISTORIES = int(os.environ.get("EYESHOT_HISTORIES", "2000"))
HISTORIES_FOR_A_MUTANT = 400
WORKERS = 3
TURNS = 250
TURNS_AT_THE_END_MAX = 20_000


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def play(seed: int, *, expiry: bool, mutant: str = "") -> World:
    """One history. Raises Violation."""
    world = World(seed, expiry)
    with ExitStack() as ends:
        live_through(world, mutant, ends)
    calm_down(world, mutant)
    return world


def live_through(world: World, mutant: str, ends: ExitStack) -> None:
    """Workers come and go, until all of them are killed."""
    workers = [start(world, mutant, ends) for _ in range(WORKERS)]
    asleep = [0] * WORKERS
    for turn in range(TURNS):
        world.something_happens()
        number = world.random.randrange(WORKERS)
        if asleep[number] > turn:
            continue
        chance = world.random.random()
        if chance < 0.02:  # kill -9
            workers[number].close()
            workers[number] = start(world, mutant, ends)
        elif chance < 0.04:  # SIGSTOP, and SIGCONT much later
            asleep[number] = turn + world.random.randint(10, TURNS)
        elif not go_on(workers[number]):
            workers[number] = start(world, mutant, ends)


def start(world: World, mutant: str, ends: ExitStack) -> Coroutine[Any, Any, None]:
    worker = Worker(world, mutant).run()
    ends.callback(worker.close)
    return worker


def go_on(worker: Coroutine[Any, Any, None]) -> bool:
    """Let it make its next call; False when it stopped by itself, as a process does when the store refuses."""
    try:
        worker.send(None)
    except (StoreUnavailable, NoSuchObject):
        return False
    return True


def calm_down(world: World, mutant: str) -> None:
    """One last worker, and no more faults, except for requests that are still under way."""
    world.faulty = False
    while world.in_flight and world.random.random() < 0.7:
        world.arrive()
    finish(world, mutant)
    while world.in_flight:
        world.arrive()
    world.check_end()
    repairs = [body for key, body in world.lake.objects.items() if key.startswith(LOG_PREFIX) and b'"repair"' in body]
    if len(repairs) > world.expired:
        raise Violation("a committed upload was lost, and nobody but the protocol can have done it")


def finish(world: World, mutant: str) -> None:
    worker = Worker(world, mutant)
    for _ in range(sum(world.topic) + 1):
        last = worker.compact(list(range(PARTITIONS)))
        for _ in range(TURNS_AT_THE_END_MAX):
            try:
                last.send(None)
            except StopIteration:
                break
            except (StoreUnavailable, NoSuchObject) as stuck:
                raise Violation(f"it never goes on: {stuck}") from stuck
        tip = worker._log.tip
        if tip and [tip.next_offsets.get(number, 0) for number in range(PARTITIONS)] == world.topic:
            return
    raise Violation("it never catches up")


@pytest.mark.parametrize("expiry", [False, True])
def test_no_row_is_lost_or_doubled_whatever_happens(expiry: bool):
    seen: dict[str, int] = {}
    for seed in range(HISTORIES // 2):
        try:
            world = play(seed, expiry=expiry)
        except Violation as violation:
            pytest.fail(f"history {seed}: {violation}")
        note(world, seen)
    assert seen["commits"] > seen["histories"] * 3
    assert not expiry or seen["repairs"] > seen["histories"] / 20  # else this would prove nothing about repairs


def note(world: World, seen: dict[str, int]) -> None:
    manifests = [decode(body) for key, body in world.lake.objects.items() if key.startswith(LOG_PREFIX)]
    for name, number in (
        ("histories", 1),
        ("commits", len(manifests)),
        ("repairs", sum(manifest.kind == "repair" for manifest in manifests)),
    ):
        seen[name] = seen.get(name, 0) + number


MUTANTS = (
    "no rebase check",
    "abort on unknown",
    "commit before parts",
    "publish before commit",
    "everything counts as published",
    "a repair is not checked",
)


@pytest.mark.parametrize("mutant", MUTANTS)
def test_the_model_catches_a_mistake_planted_in_the_protocol(mutant: str, monkeypatch: pytest.MonkeyPatch):
    plant(mutant, monkeypatch)
    for seed in range(HISTORIES_FOR_A_MUTANT):
        try:
            play(seed, expiry=mutant == "a repair is not checked", mutant=mutant)
        except Violation:
            return
    pytest.fail(f"{HISTORIES_FOR_A_MUTANT} histories, and nobody noticed: {mutant}")


def plant(mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistakes in the rules; those in the order of things are made by the worker itself."""
    if mutant == "no rebase check":
        monkeypatch.setattr(lake_log, "still_mine", lambda tip, consumed: True)
    if mutant == "everything counts as published":
        monkeypatch.setattr(
            Window, "published_through", property(lambda self: self.tip.manifest.sequence if self.tip else -1)
        )
    if mutant == "a repair is not checked":
        commit = lake_log.CommitLog.commit
        monkeypatch.setattr(lake_log.CommitLog, "commit", lambda self, draft, wanted=None: commit(self, draft))
