"""The tables of rights give the policies of both S3 servers."""

from typing import Any

import pytest

from deploy.rights import RIGHTS, bucket_policy, rights, user_policy
from eyeshot.tier import COLDER, TIERS, Tier, bucket_of

KEYS = {right.user: f"KEY-{right.user}" for right in RIGHTS}


def _statements(user: str, tier: Tier = "hot") -> list[dict[str, Any]]:
    statements: Any = bucket_policy(KEYS, "lake", tier)["Statement"]
    return [each for each in statements if each["Principal"] == {"AWS": [f"KEY-{user}"]}]


def _actions(user: str, tier: Tier = "hot") -> set[str]:
    return {action for statement in _statements(user, tier) for action in statement["Action"]}


def test_every_user_has_a_statement_that_names_its_own_key() -> None:
    assert all(_statements(right.user) for right in RIGHTS)


def _resources(user: str, action: str, tier: Tier = "hot") -> set[str]:
    found = (statement["Resource"] for statement in _statements(user, tier) if action in statement["Action"])
    return {resource for resources in found for resource in resources}


def test_nobody_may_change_rights() -> None:
    for right in RIGHTS:
        assert not [action for action in _actions(right.user) if "Policy" in action or "*" in action]


def test_nobody_deletes_but_the_keeper_its_rewritings_and_the_partitioner_data() -> None:
    deleting = {right.user for right in RIGHTS for action in _actions(right.user) if "Delete" in action}
    assert deleting == {"keeper", "partitioner"}
    assert _resources("keeper", "s3:DeleteObject") == {"arn:aws:s3:::lake/rewritten/*"}
    data = {f"arn:aws:s3:::lake/{name}/*" for name in ("events", "rejected", "rewritten")}
    assert _resources("partitioner", "s3:DeleteObject") == data


def test_the_partitioner_reads_the_log_alone_and_writes_nothing() -> None:
    assert _actions("partitioner") == {"s3:ListBucket", "s3:GetObject", "s3:DeleteObject"}
    assert _resources("partitioner", "s3:GetObject") == {"arn:aws:s3:::lake/_log/*"}


def test_only_the_compactor_and_the_keeper_write_and_the_keeper_no_table() -> None:
    assert [right.user for right in RIGHTS if "s3:PutObject" in _actions(right.user)] == ["compactor", "keeper"]
    assert _resources("keeper", "s3:PutObject") == {"arn:aws:s3:::lake/_log/*", "arn:aws:s3:::lake/rewritten/*"}


def test_the_rollup_reads_the_log_alone() -> None:
    assert _actions("rollup") == {"s3:ListBucket", "s3:GetObject"}
    assert _resources("rollup", "s3:GetObject") == {"arn:aws:s3:::lake/_log/*"}


def test_trino_lists_and_reads_below_its_tables_alone() -> None:
    listing, objects = _statements("trino")

    assert listing["Condition"] == {"StringLike": {"s3:prefix": ["events/*", "rejected/*", "rewritten/*"]}}
    assert objects["Resource"] == [f"arn:aws:s3:::lake/{name}/*" for name in ("events", "rejected", "rewritten")]


@pytest.mark.parametrize("tier", COLDER)
def test_in_a_colder_bucket_only_the_keeper_writes_and_nobody_has_anything_but_rewritings(tier: Tier) -> None:
    rewritings = {f"arn:aws:s3:::lake-{tier}/rewritten/*"}
    assert [right.user for right in rights(tier)] == ["keeper", "partitioner", "trino", "auditor"]
    assert [right.user for right in rights(tier) if "s3:PutObject" in _actions(right.user, tier)] == ["keeper"]
    assert [right.user for right in rights(tier) if "s3:DeleteObject" in _actions(right.user, tier)] == [
        "keeper",
        "partitioner",
    ]
    for right in rights(tier):
        for action in _actions(right.user, tier) - {"s3:ListBucket", "s3:ListBucketMultipartUploads"}:
            assert _resources(right.user, action, tier) == rewritings
    assert _actions("partitioner", tier) == {"s3:ListBucket", "s3:DeleteObject"}
    assert _actions("auditor", tier) == _actions("trino", tier) == {"s3:ListBucket", "s3:GetObject"}
    assert _statements("trino", tier)[0]["Condition"] == {"StringLike": {"s3:prefix": ["rewritten/*"]}}


def test_a_buckets_policy_is_of_that_bucket_alone() -> None:
    for tier in TIERS:
        statements: Any = bucket_policy(KEYS, "lake", tier)["Statement"]
        buckets = {resource.split(":::")[1].split("/")[0] for each in statements for resource in each["Resource"]}
        assert buckets == {bucket_of(tier, "lake")}


def test_minio_gets_the_same_rights_without_a_principal() -> None:
    for right in RIGHTS:
        every_tiers = [each for tier in TIERS for each in _statements(right.user, tier)]
        statements: Any = user_policy(right.user, "lake")["Statement"]
        assert [{**each, "Principal": None} for each in statements] == [
            {**each, "Principal": None} for each in every_tiers
        ]
        assert all("Principal" not in each for each in statements)
