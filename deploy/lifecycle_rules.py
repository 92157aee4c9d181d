"""The keeper's settings in; the store's own lifecycle rules, written where it moves objects itself, out.

A store counts days from an object's writing, which is at most a day before the end of the day whose rows it holds:
one day more than asked for is never too early.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import ClientError

from eyeshot.settings import load
from eyeshot.table import DATA_PREFIXES
from services.keeper.settings import Keeper

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Rule = dict[str, Any]
OURS = "eyeshot-"  # the ids of our rules begin so; others in the bucket are somebody's, and stay
NONE_YET = "NoSuchLifecycleConfiguration"


class _Settings(msgspec.Struct, frozen=True, kw_only=True):
    keeper: Keeper


def settings(environment: Mapping[str, str]) -> Keeper:
    """The keeper's settings alone. Raises SettingError."""
    return load(_Settings, environment).keeper


def rules(keeper: Keeper) -> list[Rule]:
    """The rules that the bucket should have: none where the keeper moves days, and none of the log ever."""
    ages = ((keeper.warm_days, keeper.warm_class), (keeper.cold_days, keeper.cold_class))
    transitions = [{"Days": days + 1, "StorageClass": name} for days, name in ages if days]
    if keeper.tiers != "native" or not transitions:
        return []
    return [
        {
            "ID": f"{OURS}{prefix.rstrip('/')}",
            "Status": "Enabled",
            "Filter": {"Prefix": prefix},
            "Transitions": transitions,
        }
        for prefix in DATA_PREFIXES
    ]


def there(s3: "S3Client", bucket: str) -> list[Rule]:
    """The rules that the store has of the bucket. Raises ClientError."""
    try:
        return [dict(rule) for rule in s3.get_bucket_lifecycle_configuration(Bucket=bucket).get("Rules", [])]
    except ClientError as answer:
        if _code(answer) == NONE_YET:
            return []
        raise


def ensure(s3: "S3Client", bucket: str, keeper: Keeper) -> str:
    """Writes our rules and leaves everybody else's; what came of it. A store that refuses is no reason not to start."""
    wanted = rules(keeper)
    try:
        before = there(s3, bucket)
        others = [rule for rule in before if not is_ours(rule)]
        if wanted or len(others) < len(before):
            _put(s3, bucket, others + wanted)
    except ClientError as refused:
        if not wanted:
            return "tiers: the keeper moves days (KEEPER_TIERS=copy)"
        return (
            f"tiers: the store refused the lifecycle rules ({_code(refused)}), so that nothing moves:"
            " KEEPER_TIERS=copy lets the keeper move days"
        )
    if wanted:
        return f"tiers: the store moves days by {len(wanted)} lifecycle rules (KEEPER_TIERS=native)"
    return "tiers: the keeper moves days (KEEPER_TIERS=copy)"


def is_ours(rule: Rule) -> bool:
    """Whether we wrote the rule."""
    return str(rule.get("ID", "")).startswith(OURS)


def told(s3: "S3Client", bucket: str) -> list[str]:
    """A line for each rule that the store has of the bucket, or why there is none."""
    try:
        found = there(s3, bucket)
    except ClientError as refused:
        return [f"{bucket}: the store refuses to tell its lifecycle rules: {_code(refused)}"]
    return [_line(bucket, rule) for rule in found] or [f"{bucket}: the store has no lifecycle rule"]


def _line(bucket: str, rule: Rule) -> str:
    moves = ", ".join(_move(each) for each in rule.get("Transitions", [])) or "moves nothing"
    prefix = rule.get("Filter", {}).get("Prefix") or rule.get("Prefix") or ""
    whose = "" if is_ours(rule) else " (not ours)"
    return f"{bucket}/{prefix}*: rule {rule.get('ID', 'without a name')}{whose}, {rule['Status'].lower()}: {moves}"


def _move(transition: Mapping[str, Any]) -> str:
    return f"to {transition.get('StorageClass')} after {transition.get('Days', 0)} days"


def _put(s3: "S3Client", bucket: str, wanted: Sequence[Rule]) -> None:
    if wanted:
        configuration: Any = {"Rules": list(wanted)}
        s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=configuration)
    else:
        s3.delete_bucket_lifecycle(Bucket=bucket)


def _code(answer: ClientError) -> str:
    return str(answer.response.get("Error", {}).get("Code", "")) or "no reason given"
