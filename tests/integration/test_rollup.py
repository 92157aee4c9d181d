"""The rollup on the real stack: closed days of a lake of its own become rows of PostgreSQL, whatever dies meanwhile."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from deploy import s3_users
from deploy.patience import until
from deploy.stack import HOST
from eyeshot.fail_point import ROLLUP_STEPS
from eyeshot.table import day_of
from tests.rolled_up import table
from tests.rollup import PastLake, Row, a_row
from tests.running import HEAL_SECONDS, RunningStack

DAY = datetime.now(UTC).date() - timedelta(days=6)
NOON = datetime(DAY.year, DAY.month, DAY.day, 12)
NEXT_DAY = DAY + timedelta(days=1)
ROW_STATES = "SELECT xmin::text, ctid::text, * FROM eyeshot.rollup ORDER BY zone, day, key"
ZONES = [
    ("UTC", "Europe/Paris", date(2026, 10, 25)),  # 25 hours
    ("UTC", "America/New_York", date(2026, 3, 8)),  # 23 hours
    ("UTC", "Asia/Kolkata", date(2026, 6, 1)),  # half an hour off
    ("America/Sao_Paulo", "America/St_Johns", date(2026, 11, 1)),  # 25 hours: touches three partitions
    ("Australia/Lord_Howe", "UTC", date(2026, 4, 5)),  # partitions of 24.5 hours
]


@pytest.fixture
def lake(stack: RunningStack) -> PastLake:
    return PastLake(stack.stack)


def varied(seed: int, events: int) -> list[Row]:
    """Events of every kind, with copies, suspects, events without identity and what databases choke on."""
    chance = random.Random(seed)
    rows = []
    for number in range(events):
        view = f"{chance.randrange(events // 4):022d}"
        row = a_row(
            NOON + timedelta(milliseconds=number),
            page=chance.choice(["https://news.example/a", "https://news.example/b\0c", "ü" * 2048, None]),
            link=chance.choice(["https://shop.example/a", "\t\\N\n", "😀" * 2048, None]),
            placement=chance.choice(["inline", "widget", None]),
            event_type=chance.choice(["link_impression", "widget_impression", "link_click", "page_end", "own_event"]),
            visible_ms=chance.choice([None, 0, 1_000, 2**53 - 1]),
            suspect=chance.choice([None, None, None, "bot"]),
            page_view_id=chance.choice([view, view, view, None]),
            sequence=number,
        )
        rows += [row] * chance.choice([1, 1, 1, 2])
    return rows


async def test_the_table_is_what_is_counted_by_hand_and_a_second_run_changes_nothing(lake: PastLake) -> None:
    rows = varied(1, 12_000)
    await lake.add(DAY, *rows[:9_000])
    await lake.add(DAY, *rows[9_000:])
    await lake.close(DAY)

    with lake.running("partitioner"), lake.running("rollup", ROLLUP_SLICE_ROWS="10000") as rollup:
        note = lake.wait_for(str(DAY))[str(DAY)]
        rollup.wait_ready()
    before = lake.select(ROW_STATES)

    assert lake.table() == table(rows)
    assert (note["manifest"], note["rows"]) == (1, len(before))
    assert note["events"] + note["duplicates"] + note["suspects"] == len(rows)

    with lake.running("rollup") as again:
        again.wait_ready()
        assert again.metric("eyeshot_rollup_days_stored_total") == 0
    assert lake.select(ROW_STATES) == before
    assert lake.days()[str(DAY)] == note

    with psycopg.connect(lake.dsn()) as connection:
        connection.execute("DELETE FROM eyeshot.rollup_days")
    with lake.running("rollup"):
        lake.wait_for(str(DAY))
    assert lake.select(ROW_STATES) == before  # counted again, and no row was written


@pytest.mark.parametrize(("partition_zone", "zone", "middle"), ZONES, ids=[zone for _, zone, _ in ZONES])
async def test_every_row_is_in_its_business_day(
    stack: RunningStack, partition_zone: str, zone: str, middle: date
) -> None:
    lake = PastLake(stack.stack, PARTITION_TIME_ZONE=partition_zone, ROLLUP_TIME_ZONE=zone)
    days = [middle + timedelta(days=number) for number in range(-1, 3)]
    rows = []
    for midnight in (datetime(each.year, each.month, each.day, tzinfo=ZoneInfo(zone)) for each in days):
        at = midnight.astimezone(UTC)
        rows += [a_row(at + timedelta(milliseconds=step), link=str(step)) for step in (-1, 0, 1, 3_600_000, 40_000_000)]
    partitions: dict[date, list[Row]] = {}
    for row in rows:
        at_ms = round(row["received_at"].replace(tzinfo=UTC).timestamp() * 1000)
        partitions.setdefault(day_of(at_ms, ZoneInfo(partition_zone)), []).append(row)
    for partition, some in partitions.items():
        await lake.add(partition, *some)
    await lake.close(max(partitions))

    expected = table(rows, zone)
    with lake.running("partitioner"), lake.running("rollup"):
        lake.wait_for(*sorted({str(row["day"]) for row in expected}))

    assert lake.table() == expected
    assert sum(row["impressions"] for row in lake.table()) == len(rows)


async def test_a_day_that_is_not_over_is_not_in(lake: PastLake) -> None:
    await lake.add(DAY, a_row(NOON))
    await lake.close(DAY)
    today = datetime.now(UTC).date()
    await lake.add(today, a_row(datetime.now(UTC)))

    with lake.running("partitioner"), lake.running("rollup") as rollup:
        lake.wait_for(str(DAY))
        rollup.wait_ready()

    assert set(lake.days()) == {str(DAY)}


async def test_a_day_that_was_merged_or_erased_is_counted_again_once_trino_sees_it(lake: PastLake) -> None:
    reader = "reader" + "0" * 16
    rows = [a_row(NOON, link=f"https://shop.example/{number % 3}") for number in range(9)]
    theirs = a_row(NOON, page_view_id=reader, link="https://shop.example/only-theirs")
    await lake.add(DAY, *rows)
    await lake.add(DAY, theirs)
    await lake.close(DAY)
    with lake.running("rollup") as rollup:
        with lake.running("partitioner"):  # and no longer: the metastore is behind from here on
            assert lake.wait_for(str(DAY))[str(DAY)]["manifest"] == 1
        before = lake.select(ROW_STATES)
        assert lake.table() == table([*rows, theirs])

        with lake.running("keeper", KEEPER_POLL_SECONDS="0.2") as keeper:
            merged = keeper.wait_happened("day_merged")["sequence"]
        lake.wait_for_manifest(str(DAY), merged)
        assert lake.select(ROW_STATES) == before  # a merge changes no number, and so no row

        assert lake.erase(f"--page-view={reader}", "--apply") == 0
        rollup.wait_happened("day_waits", reason="the log names 9 rows, Trino sees 10")
        assert lake.days()[str(DAY)]["manifest"] == merged

        await lake.swap(DAY)
        lake.wait_for_manifest(str(DAY), merged + 1)

    assert lake.table() == table(rows)
    assert rollup.happened("day_rolled_up")[-1]["deleted"] == 1


@pytest.mark.parametrize("step", ROLLUP_STEPS)
async def test_a_rollup_killed_at_any_step_leaves_all_of_a_day_or_nothing_and_the_next_one_goes_on(
    lake: PastLake, step: str
) -> None:
    rows = varied(2, 200)
    await lake.add(DAY, *rows)
    await lake.close(DAY)

    with lake.running("partitioner"):
        with lake.running("rollup", FAIL_POINT=f"{step}:1", FAIL_POINT_KILLS="this process") as killed:
            killed.wait_killed()
        assert lake.table() == (table(rows) if step == "after_rollup_commit" else [])
        with lake.running("rollup") as next_one:
            lake.wait_for(str(DAY))
            next_one.wait_ready()
    assert lake.table() == table(rows)


async def test_of_two_rollups_one_writes_each_day(lake: PastLake) -> None:
    days = [DAY + timedelta(days=number) for number in range(5)]
    rows = [a_row(NOON + timedelta(days=number)) for number in range(5)]
    for day, row in zip(days, rows, strict=True):
        await lake.add(day, row)
    await lake.close(days[-1])

    with lake.running("partitioner"), lake.running("rollup") as one, lake.running("rollup") as other:
        lake.wait_for(*map(str, days))
        one.wait_ready()
        other.wait_ready()
        written = [line["day"] for each in (one, other) for line in each.happened("day_rolled_up")]

    assert sorted(written) == sorted(map(str, days))
    assert lake.table() == table(rows)


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        ({"TRINO_PORT": "1"}, "Trino at 127.0.0.1:1"),
        ({"DATABASE_PORT": "1"}, "PostgreSQL at 127.0.0.1:1"),
        ({"KAFKA_BOOTSTRAP": "127.0.0.1:1"}, "Kafka at 127.0.0.1:1"),
        ({"S3_ENDPOINT": "http://127.0.0.1:1"}, "the store does not answer"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
async def test_a_rollup_says_for_what_it_waits(lake: PastLake, missing: dict[str, str], reason: str) -> None:
    await lake.add(DAY, a_row(NOON))
    await lake.close(DAY)
    with lake.running("rollup", **missing) as rollup:
        rollup.wait_ready(reason)


@pytest.mark.parametrize("part", ["postgres", "trino", "s3", "metastore"])
async def test_a_part_that_is_killed_is_waited_for(stack: RunningStack, lake: PastLake, part: str) -> None:
    await lake.add(DAY, a_row(NOON))
    await lake.close(DAY)
    tomorrow = a_row(NOON + timedelta(days=1))
    with lake.running("partitioner"), lake.running("rollup") as rollup:
        lake.wait_for(str(DAY))
        stack.crash(part)
        root = s3_users.client(stack.stack.s3_endpoint, stack.stack.keys("root"))
        until("the store", root.list_buckets, HEAL_SECONDS, (BotoCoreError, ClientError))
        await lake.add(NEXT_DAY, tomorrow)
        await lake.close(NEXT_DAY)
        lake.wait_for(str(NEXT_DAY))
        rollup.wait_ready()
        assert len(lake.table()) == 2


def test_the_rollups_role_reaches_no_other_database_and_gives_out_nothing(stack: RunningStack) -> None:
    port, password = stack.stack.ports["POSTGRES_PORT"], stack.stack.variables["ROLLUP_DB_PASSWORD"]
    own = f"host={HOST} port={port} user=rollup password={password} dbname="
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(own + "metastore")
    with psycopg.connect(own + "eyeshot_app", autocommit=True) as connection:
        for statement in ("CREATE ROLE other", "CREATE DATABASE other", "CREATE TABLE public.other ()"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_a_running_stacks_own_rollup_has_made_its_tables(stack: RunningStack) -> None:
    port, password = stack.stack.ports["POSTGRES_PORT"], stack.stack.variables["ROLLUP_DB_PASSWORD"]
    with psycopg.connect(f"host={HOST} port={port} user=rollup password={password} dbname=eyeshot_app") as connection:
        assert connection.execute("SELECT count(*) FROM eyeshot.rollup_days").fetchone() == (0,)
