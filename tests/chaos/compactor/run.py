"""One run: a topic and a bucket of its own, a schedule carried out, and the lake against the ledger afterwards."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from confluent_kafka import KafkaException

from deploy import s3_users
from deploy.kafka_rights import ADMIN
from tests.chaos.compactor import sql
from tests.chaos.compactor.cast import ANSWER_SECONDS, Cast, Subject
from tests.chaos.compactor.faults import Faults, StoreFaults
from tests.chaos.compactor.fleet import Diary, Fleet, Member
from tests.chaos.compactor.lake import Lake
from tests.chaos.compactor.messages import Messages
from tests.chaos.compactor.prober import LOOKS_AWAY, Counted, Prober, by_files, count
from tests.chaos.compactor.producer import LedgerProducer
from tests.chaos.compactor.proof import Outcome, asked_in_sql, complaints_of, needless_repairs, outcome_of
from tests.chaos.compactor.schedule import Schedule, lives
from tests.chaos.compactor.topic import Topic
from tests.chaos.ledger import Ledger
from tests.chaos.process import Process
from tests.chaos.proxy import Proxy
from tests.chaos.stage import Stage

CAUGHT_UP_SECONDS = 120.0
LOOK_SECONDS = 0.3
ACKNOWLEDGED_MIN = 0.5
SQL_PAUSE_SECONDS = 2.0


class Run:
    """One run on a stage that others use before and after it."""

    def __init__(self, stage: Stage, schedule: Schedule, subject: Subject, *, with_sql: bool) -> None:
        self._stage = stage
        self._schedule = schedule
        self._subject = subject
        self._with_sql = with_sql
        self._cast = Cast(stage, f"{subject}-{schedule.seed}", subject)
        self._ledger = Ledger()
        self._diary = Diary(stage.folders.logs / f"{subject}-{schedule.seed}.jsonl")
        self._lake = Lake(s3_users.client(stage.stack.s3_endpoint, stage.stack.keys("root")), self._cast.bucket)
        self._topic = Topic(self._cast.kafka(ADMIN))
        self._guests: list[Process] = []

    @property
    def logs(self) -> list[Path]:
        """The diary, and what every program of this run said."""
        return sorted(self._stage.folders.logs.glob(f"{self._subject}-{self._schedule.seed}[.-]*"))

    async def run(self) -> Outcome:
        """Break everything, heal it, and compare."""
        await asyncio.to_thread(self._stage.prepare, self._cast.topic, self._cast.bucket)
        store_faults = StoreFaults(self._schedule.seed, self._diary)
        store_faults.on = not self._schedule.calm
        proxy = Proxy(self._stage.stack.ports["S3_PORT"], store_faults.choose, ANSWER_SECONDS)
        url = await proxy.start()
        fleet = Fleet(
            {number: self._member(number, url) for number in range(self._schedule.compactors)}, self._lake, self._diary
        )
        fleet.armed = not self._schedule.calm
        keeper = asyncio.create_task(fleet.keep())
        try:
            async with self._partitioned(), self._probed() as probers:
                async with self._produced():
                    await Faults(self._stage, fleet, self._diary, lambda *how: self._guest(url, *how)).carry_out(
                        self._schedule
                    )
                    store_faults.on = False
                self._diary.note("healing")
                fleet.heal()
                caught_up = await self._caught_up()
                statuses = await fleet.stop()
                return await asyncio.to_thread(self._outcome, probers, statuses, caught_up=caught_up)
        finally:
            keeper.cancel()
            for process in (*(member.process for member in fleet.members.values()), *self._guests):
                process.kill()
            await proxy.close()

    def _member(self, number: int, url: str) -> Member:
        process = self._cast.compactor(f"compactor-{number}", url, {})
        return Member(process, lives(self._schedule.seed, number), self._diary)

    def _guest(self, url: str, who: str, stranger: bool) -> Process:
        self._guests.append(self._cast.compactor(who, url, self._cast.stranger() if stranger else {}))
        return self._guests[-1]

    @contextlib.asynccontextmanager
    async def _produced(self) -> AsyncIterator[None]:
        """Messages while it lasts; afterwards every acknowledgement that comes is there."""
        messages = Messages(self._schedule.seed)
        producer = LedgerProducer(self._cast.kafka("producer"), messages, self._ledger)
        async with _in_thread(producer.run, producer.stop):
            yield

    @contextlib.asynccontextmanager
    async def _probed(self) -> AsyncIterator[list[Prober]]:
        """Probers at work, one over the files and one by SQL."""
        looks: list[tuple[Callable[[], Counted], float]] = [(by_files(self._lake), LOOK_SECONDS)]
        if self._with_sql:
            looks.append((sql.by_sql(self._stage.stack, self._cast.schema), SQL_PAUSE_SECONDS))
        probers = [Prober(look, lambda: self._ledger.events_attempted, seconds) for look, seconds in looks]
        async with contextlib.AsyncExitStack() as threads:
            for prober in probers:
                await threads.enter_async_context(_in_thread(prober.run, prober.stop))
            yield probers

    @contextlib.asynccontextmanager
    async def _partitioned(self) -> AsyncIterator[None]:
        """A partitioner at work, when SQL is asked."""
        if not self._with_sql:
            yield
            return
        partitioner = self._cast.partitioner()
        partitioner.start()
        try:
            yield
        finally:
            partitioner.kill()

    async def _caught_up(self) -> bool:
        """Wait until everything that Kafka holds is committed and published; whether it is."""
        deadline = time.monotonic() + CAUGHT_UP_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(*LOOKS_AWAY, KafkaException):
                if not await asyncio.to_thread(self._open):
                    return True
            await asyncio.sleep(LOOK_SECONDS)
        self._diary.note("never caught up", open=self._open())
        return False

    def _open(self) -> list[object]:
        """Records that are not committed, by partition, and files that are not published."""
        committed = self._lake.next_offsets() if self._subject == "real" else self._topic.committed()
        behind = {part: end - committed.get(part, 0) for part, end in self._topic.ends().items()}
        unpublished = self._lake.unpublished() if self._subject == "real" else []
        return [*(each for each in behind.items() if each[1] > 0), *unpublished]

    def _outcome(self, probers: list[Prober], statuses: list[int | None], *, caught_up: bool) -> Outcome:
        rows = [row for key in self._lake.files() for row in self._lake.rows(key)]
        verdicts = {"ledger": self._ledger.judge(rows, window=self._subject == "real")}
        verdicts |= {f"prober {number}": prober.worst for number, prober in enumerate(probers)}
        if self._with_sql:
            verdicts["SQL"] = asked_in_sql(self._stage.stack, self._cast.schema, count(rows))
        outcome = outcome_of(self._diary, verdicts)
        if self._ledger.acknowledged < ACKNOWLEDGED_MIN:
            outcome.complaints.append(
                f"Kafka acknowledged {self._ledger.acknowledged:.0%}: too little to prove anything"
            )
        if self._subject == "real":
            outcome.complaints += complaints_of(self._cast, statuses, caught_up=caught_up)
            outcome.complaints += needless_repairs(self._lake.repaired() - self._diary.lost_uploads)
        messages = f"{len(rows)} rows of {len(self._ledger.entries)} messages, {self._ledger.resent} sent again"
        messages += f", {self._ledger.acknowledged:.0%} acknowledged"
        outcome.notes += [messages, *(f"{prober.looks} looks" for prober in probers)]
        return outcome


@contextlib.asynccontextmanager
async def _in_thread(work: Callable[[], None], stop: Callable[[], None]) -> AsyncIterator[None]:
    """Work beside the body, told to stop after it; what it raises is raised."""
    task = asyncio.create_task(asyncio.to_thread(work))
    try:
        yield
    finally:
        stop()
        await task
