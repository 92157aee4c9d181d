"""One run: clients post while the schedule's faults happen; then all is healed, drained, read back and judged."""

import asyncio
import shutil
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from deploy.patience import until
from deploy.probe import NotReady
from tests.chaos.collector.clients import posting
from tests.chaos.collector.faults import Faults
from tests.chaos.collector.ledger import Ledger, Verdict
from tests.chaos.collector.schedule import AWAY, Fault, Schedule
from tests.chaos.collector.world import Broker, World

HEAL_SECONDS = 180.0


@dataclass
class Outcome:
    """What a run came to. `faults` are those that took place."""

    faults: Counter[str] = field(default_factory=Counter)
    clients: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    phantom: int = 0
    repeated: int = 0
    stored: int = 0

    def add(self, other: "Outcome") -> None:
        """Take another run's numbers in."""
        self.faults += other.faults
        self.clients += other.clients
        self.lost += other.lost
        self.phantom += other.phantom
        self.repeated += other.repeated
        self.stored += other.stored


class Run:
    """Its ledger, and the faults that took place."""

    def __init__(self, world: World, planned: Schedule, random: Random) -> None:
        self._world = world
        self._planned = planned
        self._random = random
        self._faults = Faults(world)
        self._ledger = Ledger()
        self._happened: Counter[str] = Counter()

    async def outcome(self) -> Outcome:
        """Run it."""
        await asyncio.to_thread(self._world.collector.start)
        async with posting(self._world.port, self._ledger, self._random):
            await self._inject(self._planned.near)
            away = asyncio.create_task(self._faults.away(self._planned.away_seconds))
            await self._inject(self._planned.away)
            self._happened[AWAY] += await away
            self._world.heal()
        await asyncio.to_thread(self._drain)
        stored = await asyncio.to_thread(self._world.broker.stored, self._world.topic)
        return self._outcome(self._ledger.judge(stored), len(stored))

    async def _inject(self, faults: tuple[Fault, ...]) -> None:
        began = asyncio.get_running_loop().time()

        async def one(fault: Fault) -> None:
            await asyncio.sleep(began + fault.at - asyncio.get_running_loop().time())
            self._happened[fault.kind] += await self._faults.inject(fault)

        async with asyncio.TaskGroup() as together:
            for fault in faults:
                together.create_task(one(fault))

    def _drain(self) -> None:
        """All that was acknowledged is in Kafka once the spools are empty; a new life adopts what has no owner."""
        for _ in ("as it is", "started again"):
            self._world.collector.start()
            until("the spool", self._world.collector.drained, HEAL_SECONDS, NotReady)
            self._world.collector.stop()

    def _outcome(self, verdict: Verdict, stored: int) -> Outcome:
        return Outcome(
            self._happened,
            self._ledger.outcomes,
            len(verdict.lost),
            len(verdict.phantom),
            verdict.repeated,
            stored,
        )


async def run_once(
    broker: Broker, library: Path, folder: Path, planned: Schedule, *, name: str, random: Random, mistake: str | None
) -> Outcome:
    """One run from an empty folder and an empty topic; the folder is removed."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    await asyncio.to_thread(broker.make_topic, name)
    world = World(broker, folder, name, library, mistake)
    try:
        return await Run(world, planned, random).outcome()
    finally:
        world.heal()
        await asyncio.to_thread(world.close)
        shutil.rmtree(folder, ignore_errors=True)
        sys.stdout.flush()
