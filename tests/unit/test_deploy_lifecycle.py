"""The store's own lifecycle rules: what is asked for, what is left alone, and what a store that refuses is told of."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from deploy import lifecycle_rules
from deploy.lifecycle import classes
from services.keeper.settings import Keeper

NATIVE = Keeper(tiers="native")
SOMEBODYS: Any = {"ID": "logs", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 7}}


class MemoryRules:
    """A bucket's lifecycle configuration; with `refusal` the store answers everything with that code."""

    def __init__(self, rules: list[dict[str, Any]] | None = None, refusal: str | None = None) -> None:
        self.rules, self.refusal = rules or [], refusal

    def get_bucket_lifecycle_configuration(self, Bucket: str) -> dict[str, Any]:  # noqa: N803
        self._answer("GetBucketLifecycleConfiguration")
        if not self.rules:
            raise _error("NoSuchLifecycleConfiguration", "GetBucketLifecycleConfiguration")
        return {"Rules": self.rules}

    def put_bucket_lifecycle_configuration(self, Bucket: str, LifecycleConfiguration: Any) -> None:  # noqa: N803
        self._answer("PutBucketLifecycleConfiguration")
        self.rules = LifecycleConfiguration["Rules"]

    def delete_bucket_lifecycle(self, Bucket: str) -> None:  # noqa: N803
        self.rules = []

    def _answer(self, operation: str) -> None:
        if self.refusal:
            raise _error(self.refusal, operation)


def _error(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, operation)


def ensured(store: Any, keeper: Keeper) -> str:
    return lifecycle_rules.ensure(store, "lake", keeper)


def test_the_rules_move_data_and_never_the_log_and_never_too_early():
    events, rejected, rewritten = lifecycle_rules.rules(NATIVE)
    assert [each["Filter"]["Prefix"] for each in (events, rejected, rewritten)] == [
        "events/",
        "rejected/",
        "rewritten/",
    ]
    assert events == {
        "ID": "eyeshot-events",
        "Status": "Enabled",
        "Filter": {"Prefix": "events/"},
        "Transitions": [{"Days": 91, "StorageClass": "STANDARD_IA"}, {"Days": 366, "StorageClass": "GLACIER_IR"}],
    }


@pytest.mark.parametrize(
    ("changes", "moves"),
    [
        ({"warm_days": 0}, [(366, "GLACIER_IR")]),
        ({"cold_days": 0, "warm_class": "WARM-TIER"}, [(91, "WARM-TIER")]),
        ({"warm_days": 0, "cold_days": 0}, None),
        ({"tiers": "copy"}, None),
    ],
)
def test_a_tier_that_is_off_has_no_transition(changes: dict[str, Any], moves: list[tuple[int, str]] | None):
    rules = lifecycle_rules.rules(Keeper(**({"tiers": "native"} | changes)))
    assert [[(each["Days"], each["StorageClass"]) for each in rule["Transitions"]] for rule in rules] == (
        [moves] * 3 if moves else []
    )


def test_somebodys_rules_stay_whatever_becomes_of_ours():
    store = MemoryRules([SOMEBODYS])
    assert "the store moves days by 3 lifecycle rules" in ensured(store, NATIVE)
    assert ensured(store, NATIVE)  # again, it changes nothing
    assert [rule["ID"] for rule in store.rules] == ["logs", "eyeshot-events", "eyeshot-rejected", "eyeshot-rewritten"]
    assert "the keeper moves days" in ensured(store, Keeper())
    assert store.rules == [SOMEBODYS]


def test_ours_are_taken_away_with_the_configuration_when_there_are_no_others():
    store = MemoryRules()
    ensured(store, NATIVE)
    ensured(store, Keeper())
    assert store.rules == []


def test_a_store_that_refuses_is_told_of_and_what_to_do():
    store = MemoryRules(refusal="NotImplemented")
    assert "the store refused the lifecycle rules (NotImplemented)" in ensured(store, NATIVE)
    assert "KEEPER_TIERS=copy" in ensured(store, NATIVE)
    assert "the keeper moves days" in ensured(store, Keeper())
    told: Any = lifecycle_rules.told(store, "lake")  # type: ignore[arg-type]
    assert told == ["lake: the store refuses to tell its lifecycle rules: NotImplemented"]


def test_each_rule_of_the_store_is_a_line():
    store: Any = MemoryRules([SOMEBODYS])
    ensured(store, NATIVE)
    first, second, *_ = lifecycle_rules.told(store, "lake")
    assert first == "lake/logs/*: rule logs (not ours), enabled: moves nothing"
    assert second == (
        "lake/events/*: rule eyeshot-events, enabled: to STANDARD_IA after 91 days, to GLACIER_IR after 366 days"
    )
    assert lifecycle_rules.told(MemoryRules(), "lake") == ["lake: the store has no lifecycle rule"]  # type: ignore[arg-type]


def test_a_model_of_aws_takes_the_rules_and_lists_where_objects_are(monkeypatch: pytest.MonkeyPatch):
    moto = pytest.importorskip("moto", reason="moto is not installed")
    import boto3

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with moto.mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="lake")
        s3.put_bucket_lifecycle_configuration(Bucket="lake", LifecycleConfiguration={"Rules": [SOMEBODYS]})
        assert "by 3 lifecycle rules" in lifecycle_rules.ensure(s3, "lake", NATIVE)
        assert "by 3 lifecycle rules" in lifecycle_rules.ensure(s3, "lake", NATIVE)
        assert len(lifecycle_rules.told(s3, "lake")) == 4
        s3.put_object(Bucket="lake", Key="events/a", Body=b"12")
        s3.put_object(Bucket="lake", Key="events/b", Body=b"345", StorageClass="STANDARD_IA")
        assert classes(s3, "lake") == [
            "lake: STANDARD: 1 objects, 2 bytes",
            "lake: STANDARD_IA: 1 objects, 3 bytes",
        ]
        lifecycle_rules.ensure(s3, "lake", Keeper())
        assert len(lifecycle_rules.told(s3, "lake")) == 1
