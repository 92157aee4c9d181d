"""What `make lifecycle` says of the tiers."""

import pytest

from eyeshot.settings import load
from eyeshot.tier import Tier
from services.keeper.lifecycle import report
from services.keeper.settings import KeeperSettings
from tests.unit.test_keeper_ages import file_in
from tests.unit.test_live import live, manifest
from tests.unit.test_settings import ENVIRONMENT


def said(*tiers: Tier, **variables: str) -> list[str]:
    files = [file_in(tier, f"{tier}{number}") for number, tier in enumerate(tiers)]
    return report(load(KeeperSettings, ENVIRONMENT | variables), live(manifest(0, *files))).splitlines()


def test_each_tier_is_a_line_with_what_moves_next_and_when():
    head, hot, warm, cold, _, who = said("hot", "hot")
    assert head.split("  ")[0] == "tier"
    assert hot == "hot   lake          1      2     20  events of 2025-11-25 to warm, due 2026-02-24 00:00 UTC"
    assert warm == "warm  lake-warm     0      0      0  nothing"
    assert cold == "cold  lake-cold     0      0      0  nothing"
    assert who == "KEEPER_TIERS=copy: the keeper moves closed days, warm after 90 days, cold after 365 days"


def test_a_warm_day_is_to_be_cold():
    _, _, warm, *_ = said("warm", PARTITION_TIME_ZONE="Europe/Paris")
    assert warm.endswith("events of 2025-11-25 to cold, due 2026-11-26 00:00 Europe/Paris")


@pytest.mark.parametrize(
    ("variables", "who"),
    [
        ({"KEEPER_WARM_DAYS": "0", "KEEPER_COLD_DAYS": "0"}, "none ever: both ages are 0"),
        ({"KEEPER_TIERS": "native"}, "the store moves objects within the bucket"),
    ],
)
def test_where_the_keeper_moves_nothing_it_says_so(variables: dict[str, str], who: str):
    lines = said("hot", **variables)
    assert lines[1].endswith("nothing")
    assert who in lines[-1]
