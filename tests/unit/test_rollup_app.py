"""The rollup over a log in memory: which days it writes, when, and what it waits for."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any

from msgspec import structs

from eyeshot.commit_log import Draft, Replaced
from eyeshot.lake.days import LakeDays
from eyeshot.lake.log import CommitLog
from eyeshot.lake.ports import AnswerUnknown, TopicUnavailable
from eyeshot.table import day_end_ms
from services.rollup.app import Rollup
from services.rollup.ports import DatabaseUnavailable, QuestionFailed, TrinoUnavailable
from services.rollup.settings import Rollup as Settings
from tests.keeper import UTC_ZONE
from tests.rollup_twins import MemoryBook, MemoryTrino
from tests.twins import MemoryStore
from tests.unit.test_live import data_file, taken

FIRST, SECOND = date(2026, 11, 2), date(2026, 11, 3)
NOW_MS = round(datetime(2026, 11, 10, 12, tzinfo=UTC).timestamp() * 1000)
DEADLINE_SECONDS = 10


class CountingTopic:
    """A topic of one partition of which everything is in the log."""

    def __init__(self) -> None:
        self.asked = 0
        self.end = 1

    async def ends(self) -> dict[int, int]:
        self.asked += 1
        return {0: self.end}


class World:
    """Two days of one file each, closed, and everything that a rollup needs."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.trino = MemoryTrino({"02": 3, "03": 4})
        self.book = MemoryBook()
        self.topic = CountingTopic()
        self.number = 0

    async def commit(self, **changes: Any) -> int:
        log = CommitLog(self.store)
        await log.refresh()
        self.number += 1
        draft = Draft(nonce=str(self.number), topic="events", topic_id="id", created_at=0, reason="age", **changes)
        outcome = await log.commit(draft)
        assert outcome.mine
        return outcome.manifest.sequence

    def rollup(self, **changes: Any) -> Rollup:
        days = LakeDays(
            log=CommitLog(self.store),
            topic=self.topic,
            zone=UTC_ZONE,
            clock_seconds_max=0,
            epoch_ms=lambda: NOW_MS,
        )
        return Rollup(days=days, trino=self.trino, book=self.book, settings=Settings(**changes), monotonic=lambda: 0.0)


async def a_world() -> World:
    world = World()
    await world.commit(files=(data_file("a", day=FIRST, rows=3),))
    await world.commit(files=(data_file("b", day=SECOND, rows=4),), consumed=(taken(0, NOW_MS - 1),))
    return world


async def test_closed_days_are_written_oldest_first_each_from_its_own_manifest():
    world = await a_world()
    rollup = world.rollup()
    await rollup.step()
    assert world.book.stored == [FIRST, SECOND]
    assert [world.book.entries[day].manifest for day in (FIRST, SECOND)] == [0, 1]
    assert rollup.trouble is None


async def test_days_that_are_in_are_asked_about_no_more():
    world = await a_world()
    rollup = world.rollup()
    for _ in range(3):
        await rollup.step()
    await world.rollup().step()
    assert (len(world.trino.questions), world.topic.asked) == (2, 1)


async def test_a_day_that_is_not_closed_waits_for_its_last_record():
    world = await a_world()
    late = datetime(2026, 11, 3, 23, 59, 59, tzinfo=UTC)
    await world.commit(consumed=(taken(1, round(late.timestamp() * 1000)),))
    rollup = world.rollup()
    await rollup.step()
    assert world.book.stored == [FIRST]
    last = structs.replace(taken(1, day_end_ms(SECOND, UTC_ZONE)), first=1, next=2)
    await world.commit(consumed=(last,))
    await rollup.step()
    assert world.book.stored == [FIRST, SECOND]


async def test_only_the_day_that_a_manifest_touched_is_counted_again():
    world = await a_world()
    rollup = world.rollup()
    await rollup.step()
    number = await world.commit(
        kind="merge",
        files=(data_file("merged", day=SECOND, rows=4),),
        replaced=(Replaced(table="events", day=SECOND, through=1),),
    )
    await rollup.step()
    assert world.book.stored == [FIRST, SECOND, SECOND]
    assert world.book.entries[SECOND].manifest == number


async def test_a_day_of_which_nothing_is_left_loses_its_rows():
    world = await a_world()
    rollup = world.rollup()
    await rollup.step()
    await world.commit(kind="erase", replaced=(Replaced(table="events", day=SECOND, through=1),), erased=4)
    await rollup.step()
    assert world.book.entries[SECOND].manifest == 1  # Trino still sees the rows
    world.trino.seen["03"], world.trino.links = 0, []
    await rollup.step()
    assert (world.book.entries[SECOND].manifest, world.book.rows[SECOND]) == (2, {})


async def test_what_trino_does_not_see_yet_keeps_one_day_waiting_and_no_other():
    world = await a_world()
    world.trino.seen["02"] = 2
    rollup = world.rollup()
    await rollup.step()
    assert world.book.stored == [SECOND]
    assert len(world.trino.questions) == 1  # it was only asked how many rows there are
    assert rollup.trouble is None
    world.trino.seen["02"] = 3
    await rollup.step()
    assert world.book.stored == [SECOND, FIRST]


async def test_a_day_that_moved_on_while_trino_counted_is_not_stored():
    world = await a_world()

    async def moves(statement: str) -> None:
        if "day = '02'" in statement:
            world.trino.meanwhile = None
            await world.commit(files=(data_file("late", day=FIRST, rows=2),))

    world.trino.meanwhile = moves
    rollup = world.rollup()
    await rollup.step()
    assert world.book.stored == [SECOND]
    world.trino.seen["02"] = 5
    await rollup.step()
    assert world.book.entries[FIRST].manifest == 2


async def test_rows_that_came_and_went_while_trino_counted_are_noticed_by_their_number():
    world = await a_world()

    async def lags(statement: str) -> None:
        if "day = '02'" in statement:
            world.trino.seen["02"] = 9

    world.trino.meanwhile = lags
    original = world.trino.rows

    async def rows(statement: str) -> Any:
        async for some in original(statement):
            yield [[*each[:-1], 9] if each[0] is None else each for each in some] if "WITH" in statement else some

    world.trino.rows = rows  # type: ignore[method-assign]
    await world.rollup().step()
    assert world.book.stored == []


async def test_a_question_that_trino_refuses_keeps_no_other_day_waiting():
    world = await a_world()

    async def refuses(statement: str) -> None:
        if "day = '02'" in statement:
            raise QuestionFailed("too much memory")

    world.trino.meanwhile = refuses
    rollup = world.rollup()
    await rollup.step()
    assert (world.book.stored, rollup.trouble) == ([SECOND], None)


async def test_whoever_is_away_is_named_and_waited_for():
    for error in (TrinoUnavailable("t"), DatabaseUnavailable("d"), TopicUnavailable("k"), AnswerUnknown("s")):
        world = await a_world()

        async def is_away(statement: str, error: Exception = error) -> None:
            raise error

        world.trino.meanwhile = is_away
        rollup = world.rollup()
        await rollup.step()
        assert (rollup.trouble, world.book.stored) == (str(error), [])
        world.trino.meanwhile = None
        await rollup.step()
        assert (rollup.trouble, world.book.stored) == (None, [FIRST, SECOND])


async def test_days_are_counted_again_when_other_events_count():
    world = await a_world()
    await world.rollup().step()
    await world.rollup(suspects="count").step()
    assert world.book.stored == [FIRST, SECOND] * 2


async def test_old_days_are_left_alone_but_for_those_that_are_in():
    world = await a_world()
    await world.rollup(days_back=7).step()
    assert world.book.stored == [SECOND]
    await world.rollup().step()
    assert world.book.stored == [SECOND, FIRST]
    await world.commit(files=(data_file("again", day=FIRST, rows=0),))
    await world.rollup(days_back=7).step()
    assert world.book.stored == [SECOND, FIRST, FIRST]


async def test_a_day_that_another_rollup_writes_is_left_to_it():
    world = await a_world()
    async with world.book.sheet(FIRST):
        await world.rollup().step()
    assert world.book.stored == [SECOND]


async def test_a_day_that_another_rollup_has_just_written_is_not_written_again():
    world = await a_world()

    async def another_is_faster(statement: str) -> None:
        world.trino.meanwhile = None
        await world.rollup().step()

    world.trino.meanwhile = another_is_faster  # while the slow one counts the first day
    await world.rollup().step()
    assert world.book.stored == [SECOND, FIRST]


async def test_a_rollup_that_read_less_of_the_log_does_not_undo_another():
    world = await a_world()
    slow = world.rollup()

    async def another_is_faster(statement: str) -> None:
        world.trino.meanwhile = None
        await world.commit(files=(data_file("late", day=SECOND, rows=1),))
        world.trino.seen["03"] = 5
        await world.rollup().step()

    world.trino.meanwhile = another_is_faster  # while the slow one counts the first day
    await slow.step()
    assert world.book.entries[SECOND].manifest == 2
    assert world.book.stored.count(SECOND) == 1


async def test_a_stop_gives_up_the_question_under_way():
    world = await a_world()
    stop, asked = asyncio.Event(), asyncio.Event()

    async def takes_for_ever(statement: str) -> None:
        asked.set()
        await asyncio.Event().wait()

    world.trino.meanwhile = takes_for_ever
    running = asyncio.create_task(world.rollup().run(stop))
    async with asyncio.timeout(DEADLINE_SECONDS):
        await asked.wait()
        stop.set()
        await running
    assert world.book.stored == []
