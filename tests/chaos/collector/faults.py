"""A fault of the schedule in; done to the real thing, and undone."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any, TypeVar

from tests.chaos.collector.disk import cut_power
from tests.chaos.collector.schedule import Fault
from tests.chaos.collector.world import World

DAY_SECONDS = 86_400.0
SYNC_SECONDS_MAX = 1.5
DELAY_SECONDS_MAX = 3.0
DISK_ERRORS = ("EIO", "ENOSPC")
T = TypeVar("T")

HAPPENS_SECONDS = 60.0
"""How long a fault of the network waits for a client to hit."""


class Faults:
    """Faults of one subject come one after another, of different subjects at once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._collector = asyncio.Lock()
        self._disk = asyncio.Lock()
        self._broker = asyncio.Lock()
        self._proxy = asyncio.Lock()

    async def inject(self, fault: Fault) -> bool:
        """Do it, wait, undo it; whether there was something to do it to."""
        return await _FAULTS[fault.kind](self, fault)

    async def away(self, seconds: float) -> bool:
        """No broker for a while."""
        async with self._broker:
            killed = await _in_thread(self._world.broker.process.kill)
            await asyncio.sleep(seconds)
            await _in_thread(self._world.broker.restart)
        return killed

    async def _worker_killed(self, fault: Fault) -> bool:
        async with self._collector:
            return await _in_thread(lambda: self._world.collector.kill(self._one_worker(fault))) > 0

    async def _parent_killed(self, _: Fault) -> bool:
        async with self._collector:
            killed = await _in_thread(self._world.collector.kill_parent)
            await _in_thread(self._world.collector.start)
        return killed

    async def _all_killed(self, _: Fault) -> bool:
        async with self._collector:
            killed = await _in_thread(self._world.collector.kill_all)
            await _in_thread(self._world.collector.start)
        return killed

    async def _stopped(self, _: Fault) -> bool:
        async with self._collector:
            status = await _in_thread(self._world.collector.stop)
            await _in_thread(self._world.collector.start)
        return status == 0

    async def _replaced(self, _: Fault) -> bool:
        async with self._collector:
            return await _in_thread(self._world.collector.replace_workers)

    async def _worker_paused(self, fault: Fault) -> bool:
        return await self._paused(lambda: self._one_worker(fault), fault.seconds)

    async def _collector_paused(self, fault: Fault) -> bool:
        return await self._paused(self._world.collector.everyone, fault.seconds)

    async def _paused(self, whom: Callable[[], list[Any]], seconds: float) -> bool:
        async with self._collector:
            processes = await _in_thread(whom)
            paused = self._world.collector.pause(processes)
            await asyncio.sleep(seconds)
            self._world.collector.resume(processes)
        return paused > 0

    async def _power_cut(self, fault: Fault) -> bool:
        async with self._collector, self._disk:
            killed = await _in_thread(self._world.collector.kill_all)
            await _in_thread(lambda: cut_power(self._world.disk.folder, self._world.platter, Random(fault.choice)))
            await _in_thread(self._world.collector.start)
        return killed

    async def _disk_slow(self, fault: Fault) -> bool:
        async with self._disk:
            self._world.control.slow(fault.choice * SYNC_SECONDS_MAX)
            await asyncio.sleep(fault.seconds)
            self._world.control.slow(0)
        return True

    async def _disk_failing(self, fault: Fault) -> bool:
        async with self._disk:
            self._world.control.failing(DISK_ERRORS[int(fault.choice * len(DISK_ERRORS))])
            await asyncio.sleep(fault.seconds)
            self._world.control.failing(None)
        return True

    async def _disk_full(self, fault: Fault) -> bool:
        async with self._disk:
            await _in_thread(self._world.disk.fill)
            await asyncio.sleep(fault.seconds)
            await _in_thread(self._world.disk.empty)
        return True

    async def _clock_jumped(self, fault: Fault) -> bool:
        """There and half of the time back; it stays until the next jump, or until all is healed."""
        self._world.control.clock((fault.choice - 0.5) * 20 * DAY_SECONDS)
        return True

    async def _broker_killed(self, _: Fault) -> bool:
        return await self.away(0)

    async def _broker_paused(self, fault: Fault) -> bool:
        async with self._broker:
            paused = self._world.broker.process.pause()
            await asyncio.sleep(fault.seconds)
            self._world.broker.process.resume()
        return paused

    async def _kafka_silent(self, fault: Fault) -> bool:
        async with self._proxy:
            self._world.broker.proxy.speaks.clear()
            await asyncio.sleep(fault.seconds)
            self._world.broker.proxy.speaks.set()
        return True

    async def _kafka_slow(self, fault: Fault) -> bool:
        async with self._proxy:
            self._world.broker.proxy.delay_seconds = fault.choice * DELAY_SECONDS_MAX
            await asyncio.sleep(fault.seconds)
            self._world.broker.proxy.delay_seconds = 0
        return True

    async def _answers_swallowed(self, fault: Fault) -> bool:
        async with self._broker, self._proxy:
            proxy = self._world.broker.proxy
            before = proxy.swallowed
            proxy.swallow_produce_answers = True
            await asyncio.sleep(fault.seconds)
            happened = await _until(lambda: proxy.swallowed > before)
            proxy.swallow_produce_answers = False
            proxy.forget_deaf()
        return happened

    async def _connections_reset(self, _: Fault) -> bool:
        async with self._broker, self._proxy:
            return await _until(lambda: self._world.broker.proxy.reset() > 0)

    def _one_worker(self, fault: Fault) -> list[Any]:
        workers = self._world.collector.until_workers()
        return [workers[int(fault.choice * len(workers))]]


_FAULTS: dict[str, Callable[[Faults, Fault], Awaitable[bool]]] = {
    "worker killed": Faults._worker_killed,
    "parent killed": Faults._parent_killed,
    "collector killed": Faults._all_killed,
    "collector stopped": Faults._stopped,
    "workers replaced": Faults._replaced,
    "worker paused": Faults._worker_paused,
    "collector paused": Faults._collector_paused,
    "power cut": Faults._power_cut,
    "disk slow": Faults._disk_slow,
    "disk full": Faults._disk_full,
    "disk failing": Faults._disk_failing,
    "clock jumped": Faults._clock_jumped,
    "broker killed": Faults._broker_killed,
    "broker paused": Faults._broker_paused,
    "Kafka silent": Faults._kafka_silent,
    "Kafka slow": Faults._kafka_slow,
    "answers swallowed": Faults._answers_swallowed,
    "connections reset": Faults._connections_reset,
}


async def _until(happened: Callable[[], bool]) -> bool:
    """Wait for what a collector that is busy with its other troubles will do; whether it did."""
    deadline = asyncio.get_running_loop().time() + HAPPENS_SECONDS
    while not happened():
        if asyncio.get_running_loop().time() > deadline:
            return False
        await asyncio.sleep(0.05)
    return True


async def _in_thread(work: Callable[[], T]) -> T:
    return await asyncio.to_thread(work)
