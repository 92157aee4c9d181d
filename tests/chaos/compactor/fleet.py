"""The compactors of one run: each has one life after the other, as under a supervisor."""

import asyncio
import json
import signal
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.chaos.compactor.lake import Lake
from tests.chaos.compactor.prober import LOOKS_AWAY
from tests.chaos.compactor.schedule import Life
from tests.chaos.process import Process

LOOK_SECONDS = 0.05
RESTART_SECONDS = 1.0
KILLS = {"FAIL_POINT_KILLS": "this process"}


class Diary:
    """What really happened, counted by kind and written down with its time."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._begun = time.monotonic()
        self.faults: Counter[str] = Counter()
        self.crashes = 0  # ends that nobody caused
        self.lost_uploads: set[str] = set()

    def fault(self, kind: str, **where: object) -> None:
        """A fault that took place."""
        self.faults[kind] += 1
        self.note(kind, **where)

    def note(self, what: str, **where: object) -> None:
        """Anything else that helps to understand the run."""
        line = {"seconds": round(time.monotonic() - self._begun, 3), "what": what} | where
        with self._file.open("a") as file:
            file.write(json.dumps(line, default=str) + "\n")


class Member:
    """One compactor. It is started again whenever it ends, while it is wanted."""

    def __init__(self, process: Process, lives: Iterator[Life], diary: Diary) -> None:
        self.process = process
        self.wanted = True
        self._lives = lives
        self._life: Life | None = None
        self._diary = diary
        self._started_at = 0.0

    def begin(self, *, armed: bool) -> None:
        """Begin its next life, which ends at a fail point when it is armed."""
        self._life = next(self._lives) if armed else None
        self._started_at = time.monotonic()
        environment = {"FAIL_POINT": self._life.fail_point} | KILLS if self._life else {}
        self.process.start(**environment)
        self._diary.note("started", who=self.process.name, pid=self.process.pid, **environment)

    def rested(self) -> bool:
        """Whether a supervisor would start it again now."""
        return time.monotonic() - self._started_at >= RESTART_SECONDS

    def kill(self) -> None:
        """End it from outside."""
        self._life = None
        if self.process.kill():
            self._diary.fault("kill -9 at random", who=self.process.name)

    def died(self) -> Life | None:
        """What its end was: the life whose fail point it reached, or None."""
        life, self._life = self._life, None
        status = self.process.exit_status
        if life and status == -signal.SIGKILL:
            self._diary.fault(f"kill -9 {life.fail_point.split(':')[0]}", who=self.process.name)
            return life
        if status not in (None, 0, -signal.SIGKILL, -signal.SIGTERM):
            self._diary.crashes += 1
            self._diary.note("ended by itself", who=self.process.name, status=status)
        return None


class Fleet:
    """All compactors of a run."""

    def __init__(self, members: Mapping[int, Member], lake: Lake, diary: Diary) -> None:
        self.members = members
        self.armed = True
        self._lake = lake
        self._diary = diary

    async def keep(self) -> None:
        """Start whoever ended, until this is cancelled."""
        while True:
            for member in self.members.values():
                if member.process.pid is None and member.wanted and member.rested():
                    await asyncio.to_thread(self._again, member)
            await asyncio.sleep(LOOK_SECONDS)

    def heal(self) -> None:
        """From here on nothing new breaks. Nobody is started afresh for it: whoever is stuck would be found stuck."""
        self.armed = False
        for member in self.members.values():
            member.wanted = True
            member.process.resume()

    async def stop(self) -> list[int | None]:
        """Ask all of them to end; exit statuses, but of those that met a fail point on the way out."""
        statuses = []
        for member in self.members.values():
            member.wanted = False
            status = await asyncio.to_thread(member.process.stop)
            statuses += [] if member.died() else [status]
        return statuses

    def _again(self, member: Member) -> None:
        life = member.died()
        if life and life.lose_uploads:
            self._lose()
        member.begin(armed=self.armed)

    def _lose(self) -> None:
        try:
            lost = self._lake.lose_uploads()
        except LOOKS_AWAY:
            return
        for key in lost:
            self._diary.lost_uploads.add(key)
            self._diary.fault("a committed upload is lost", key=key)
