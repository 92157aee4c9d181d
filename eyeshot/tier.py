"""Tiers of the lake in; the bucket of each, and what lies under which key of it, out. Pure."""

from collections.abc import Iterable
from typing import Literal, NamedTuple, get_args

Tier = Literal["hot", "warm", "cold"]
TIERS: tuple[Tier, ...] = get_args(Tier)  # the hottest first: a day only ever moves to the right
COLDER: tuple[Tier, ...] = TIERS[1:]


class Address(NamedTuple):
    """Where an object lies: the tier whose bucket holds it, and its key there."""

    tier: Tier
    key: str


def bucket_of(tier: Tier, bucket: str) -> str:
    """The bucket of a tier; `bucket` is the lake's own, which has the log and the hot tier."""
    return bucket if tier == "hot" else f"{bucket}-{tier}"


def coldest(tiers: Iterable[Tier]) -> Tier:
    """The coldest of these; hot when there are none."""
    return max(tiers, key=TIERS.index, default="hot")


def is_colder(one: Tier, other: Tier) -> bool:
    """Whether the first is colder than the second."""
    return TIERS.index(one) > TIERS.index(other)
