"""When a day is due in which tier, what moves next, and tiers that cannot be."""

from datetime import timedelta

import pytest

from eyeshot.commit_log import DataFile
from eyeshot.settings import SettingError, load
from eyeshot.table import Slot, day_end_ms, rewritten_prefix
from eyeshot.tier import TIERS, Address, Tier, bucket_of, coldest
from services.keeper.settings import Keeper as Settings
from services.keeper.settings import KeeperSettings
from services.keeper.tiers import NEVER, Ages, Move, due, moved_at, shares, tier_of, to_move
from tests.audit.lakes import A_DAY_MS
from tests.keeper import (
    SLOT,
    UTC_ZONE,
)
from tests.unit.test_live import data_file, manifest
from tests.unit.test_live import live as table_of
from tests.unit.test_settings import ENVIRONMENT

END = day_end_ms(SLOT.day, UTC_ZONE)
AGES = Ages(90, 365)


def days_after(number: float) -> int:
    """So many days after the day's end, epoch ms."""
    return END + round(number * A_DAY_MS)


def file_in(tier: Tier, name: str = "a") -> DataFile:
    key = None if tier == "hot" else f"{rewritten_prefix(*SLOT, name)}00000.parquet"
    return data_file(name, day=SLOT.day, key=key, tier=tier)


@pytest.mark.parametrize(
    ("now_ms", "ages", "tier"),
    [
        (days_after(90) - 1, AGES, "hot"),
        (days_after(90), AGES, "warm"),
        (days_after(365) - 1, AGES, "warm"),
        (days_after(365), AGES, "cold"),
        (days_after(36_500), Ages(90, 0), "warm"),
        (days_after(364), Ages(0, 365), "hot"),
        (days_after(365), Ages(0, 365), "cold"),
        (days_after(36_500), NEVER, "hot"),
    ],
)
def test_a_day_is_due_in_a_tier_at_the_edge_of_its_age(now_ms: int, ages: Ages, tier: Tier):
    assert due(SLOT.day, UTC_ZONE, now_ms, ages) == tier


@pytest.mark.parametrize(
    ("there", "now_days", "wanted"),
    [
        (["hot"], 89, None),
        (["hot"], 90, "warm"),
        (["hot"], 365, "cold"),  # one that was forgotten for long skips a tier
        (["warm"], 364, None),
        (["warm"], 365, "cold"),
        (["cold"], 36_500, None),
        (["cold"], 90, None),  # what was moved by other settings stays
        (["cold", "hot"], 90, "cold"),  # a repair's file follows its day
        (["warm", "hot"], 1, None),  # that is for a merge
    ],
)
def test_a_day_moves_to_colder_tiers_alone(there: list[Tier], now_days: int, wanted: Tier | None):
    files = [file_in(tier, f"{tier}{number}") for number, tier in enumerate(there)]
    moves = to_move(table_of(manifest(0, *files)), [SLOT], UTC_ZONE, days_after(now_days), AGES)
    assert moves == ([Move(SLOT, wanted)] if wanted else [])


def test_a_day_that_is_not_closed_does_not_move():
    assert to_move(table_of(manifest(0, file_in("hot"))), [], UTC_ZONE, days_after(999), AGES) == []


def test_the_bucket_of_a_tier_has_its_name():
    assert [bucket_of(tier, "lake") for tier in TIERS] == ["lake", "lake-warm", "lake-cold"]
    assert coldest([]) == tier_of([]) == "hot"


def test_what_lies_in_each_tier_and_what_leaves_it_next_is_told():
    later = Slot("events", SLOT.day + timedelta(days=1))
    files = [file_in("hot"), data_file("b", day=later.day), data_file("c", day=later.day)]
    hot, warm, cold = shares(table_of(manifest(0, *files)), UTC_ZONE, AGES)
    assert (hot.days, hot.files, hot.bytes) == (2, 3, 30)
    assert hot.next == (Move(SLOT, "warm"), days_after(90))
    assert (warm.days, warm.next, cold.next) == (0, None, None)
    (_, warm, _) = shares(table_of(manifest(0, file_in("warm"))), UTC_ZONE, AGES)
    assert warm.next == (Move(SLOT, "cold"), moved_at(SLOT.day, "cold", UTC_ZONE, AGES))
    assert shares(table_of(manifest(0, *files)), UTC_ZONE, NEVER)[0].next is None


def test_where_a_file_lies_is_its_address():
    assert file_in("cold", "c").address == Address("cold", f"{rewritten_prefix(*SLOT, 'c')}00000.parquet")


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        (
            {"KEEPER_COLD_DAYS": "90"},
            "KEEPER_COLD_DAYS is 90, but must be more than KEEPER_WARM_DAYS, which is 90, or 0",
        ),
        ({"KEEPER_WARM_DAYS": "365"}, "KEEPER_COLD_DAYS is 365, but must be more than KEEPER_WARM_DAYS"),
        ({"KEEPER_TIERS": "magic"}, "KEEPER_TIERS is `magic`, but must be"),
        ({"KEEPER_WARM_CLASS": "GLACIER"}, "KEEPER_WARM_CLASS is `GLACIER`, whose objects must be restored"),
        ({"KEEPER_COLD_CLASS": "DEEP_ARCHIVE"}, "KEEPER_COLD_CLASS is `DEEP_ARCHIVE`, whose objects must be restored"),
    ],
)
def test_tiers_that_cannot_be_are_refused_and_named(variables: dict[str, str], complaint: str):
    with pytest.raises(SettingError, match=complaint):
        load(KeeperSettings, ENVIRONMENT | variables)


def test_each_tier_can_be_left_out():
    assert Settings(warm_days=0).ages == Ages(0, 365)
    assert Settings(cold_days=0).ages == Ages(90, 0)
    assert Settings(cold_days=91).ages == Ages(90, 91)
    assert Settings(tiers="native").ages == NEVER
