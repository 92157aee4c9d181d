"""One table of rights gives the policies of both S3 servers."""

from typing import Any

from deploy.rights import RIGHTS, bucket_policy, user_policy

KEYS = {right.user: f"KEY-{right.user}" for right in RIGHTS}


def _statements(user: str) -> list[dict[str, Any]]:
    statements: Any = bucket_policy(KEYS, "lake")["Statement"]
    return [each for each in statements if each["Principal"] == {"AWS": [f"KEY-{user}"]}]


def _actions(user: str) -> set[str]:
    return {action for statement in _statements(user) for action in statement["Action"]}


def test_every_user_has_a_statement_that_names_its_own_key() -> None:
    assert all(_statements(right.user) for right in RIGHTS)


def _resources(user: str, action: str) -> set[str]:
    found = (statement["Resource"] for statement in _statements(user) if action in statement["Action"])
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


def test_trino_lists_and_reads_below_its_tables_alone() -> None:
    listing, objects = _statements("trino")

    assert listing["Condition"] == {"StringLike": {"s3:prefix": ["events/*", "rejected/*", "rewritten/*"]}}
    assert objects["Resource"] == [f"arn:aws:s3:::lake/{name}/*" for name in ("events", "rejected", "rewritten")]


def test_minio_gets_the_same_rights_without_a_principal() -> None:
    for right in RIGHTS:
        with_principal = [{**each, "Principal": None} for each in _statements(right.user)]
        statements: Any = user_policy(right, "lake")["Statement"]
        assert [{**each, "Principal": None} for each in statements] == with_principal
        assert all("Principal" not in each for each in statements)
