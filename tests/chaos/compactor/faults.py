"""Carries out a schedule: every kind of fault is a method, and is counted when it really took place."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import ClassVar

from tests.chaos.compactor.fleet import Diary, Fleet, Member
from tests.chaos.compactor.schedule import LONGER, Answer, Fault, Kind, Request, Schedule, answers
from tests.chaos.process import Process
from tests.chaos.stage import Stage

LOOK_SECONDS = 0.2
AddMember = Callable[[str, bool], Process]


class Faults:
    """One run's faults."""

    def __init__(self, stage: Stage, fleet: Fleet, diary: Diary, add: AddMember) -> None:
        """`add` makes one more compactor with a name, in the group of the others or, True, a stranger to it."""
        self._stage = stage
        self._fleet = fleet
        self._diary = diary
        self._add = add
        self._alone = asyncio.Lock()  # one part is restarted at a time
        self._count = 0

    async def carry_out(self, schedule: Schedule) -> None:
        """Everything at its time; returns once what lasts is over too."""
        async with asyncio.TaskGroup() as group:
            begun = asyncio.get_running_loop().time()
            for fault in schedule.faults:
                await asyncio.sleep(max(0.0, begun + fault.at_seconds - asyncio.get_running_loop().time()))
                group.create_task(self._kinds[fault.kind](self, fault))
            await asyncio.sleep(max(0.0, begun + schedule.seconds - asyncio.get_running_loop().time()))
            while (  # a busy machine takes longer until a fail point is reached and an answer is due
                self._diary.faults.total() < schedule.faults_min
                and asyncio.get_running_loop().time() < begun + LONGER * schedule.seconds
            ):
                await asyncio.sleep(LOOK_SECONDS)

    def _member(self, fault: Fault) -> Member:
        members = [self._fleet.members[name] for name in sorted(self._fleet.members)]
        return members[fault.target % len(members)]

    async def _kill(self, fault: Fault) -> None:
        await asyncio.to_thread(self._member(fault).kill)

    async def _pause(self, fault: Fault) -> None:
        await self._paused(fault, "paused for a moment")

    async def _stall(self, fault: Fault) -> None:
        await self._paused(fault, "paused past its session")

    async def _paused(self, fault: Fault, kind: str) -> None:
        process = self._member(fault).process
        pid = process.pid
        if not process.pause():
            return
        await asyncio.sleep(fault.seconds)
        if process.pid == pid and process.resume():
            self._diary.fault(kind, who=process.name, for_seconds=fault.seconds)

    async def _intruder(self, fault: Fault) -> None:
        """A second owner of every partition: another group knows nothing of the first one."""
        await self._guest(fault, "two owners of each partition", stranger=True)

    async def _join(self, fault: Fault) -> None:
        await self._guest(fault, "one compactor more, then one less", stranger=False)

    async def _guest(self, fault: Fault, kind: str, *, stranger: bool) -> None:
        self._count += 1
        process = self._add(f"guest-{self._count}", stranger)
        await asyncio.to_thread(process.start)
        await asyncio.sleep(fault.seconds)
        self._diary.fault(kind, who=process.name)
        await asyncio.to_thread(process.stop if fault.target % 2 else process.kill)

    async def _leave(self, fault: Fault) -> None:
        member = self._member(fault)
        if member.process.pid is None or not member.wanted:
            return
        member.wanted = False
        member.process.resume()
        await asyncio.to_thread(member.process.stop)
        self._diary.fault("one compactor less, then one more", who=member.process.name)
        await asyncio.sleep(fault.seconds)
        member.wanted = True

    async def _store_kill(self, fault: Fault) -> None:
        await self._restart(self._stage.s3, "S3 killed", kill=True)

    async def _store_restart(self, fault: Fault) -> None:
        await self._restart(self._stage.s3, "S3 restarted", kill=False)

    async def _broker_kill(self, fault: Fault) -> None:
        await self._restart(self._stage.kafka, "Kafka killed", kill=True)

    async def _broker_restart(self, fault: Fault) -> None:
        await self._restart(self._stage.kafka, "Kafka restarted", kill=False)

    async def _restart(self, part: Process, kind: str, *, kill: bool) -> None:
        async with self._alone:
            await asyncio.to_thread(part.kill if kill else part.stop)
            self._diary.fault(kind)
            await asyncio.to_thread(part.start)
            await asyncio.to_thread(part.wait_ready)
            self._diary.note("ready again", who=part.name)

    _kinds: ClassVar[dict[Kind, Callable[["Faults", Fault], Coroutine[None, None, None]]]] = {
        "kill": _kill,
        "pause": _pause,
        "stall": _stall,
        "intruder": _intruder,
        "join": _join,
        "leave": _leave,
        "store_kill": _store_kill,
        "store_restart": _store_restart,
        "broker_kill": _broker_kill,
        "broker_restart": _broker_restart,
    }


class StoreFaults:
    """What the proxy does to requests of a run, until it is over."""

    def __init__(self, seed: int, diary: Diary) -> None:
        self._seed = seed
        self._diary = diary
        self._answers: dict[Request, Iterator[Answer | None]] = {}
        self.on = True

    def choose(self, line: str) -> str | None:
        """What becomes of this request; counted as it is chosen, and every choice is carried out."""
        if not self.on:
            return None
        request = request_of(line)
        answer = next(self._answers.setdefault(request, answers(self._seed, request)))
        if answer:
            self._diary.fault(f"S3 answer {answer}", request=line[:160])
        return answer


def request_of(line: str) -> Request:
    """Which step of the protocol a request line, such as `PUT /lake/_log/events/….json`, belongs to."""
    method, _, path = line.partition(" ")
    if method == "PUT":
        return "commit" if "/_log/events/" in path else "part" if "partNumber=" in path else "other"
    if method == "POST":
        return "complete" if "uploadId=" in path else "start"
    by_method: dict[str, Request] = {"DELETE": "abort", "HEAD": "look", "GET": "read"}
    return by_method.get(method, "other")
