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


def test_nobody_may_delete_or_change_rights() -> None:
    for right in RIGHTS:
        assert not [
            action for action in _actions(right.user) if "Delete" in action or "Policy" in action or "*" in action
        ]


def test_only_the_compactor_writes() -> None:
    assert [right.user for right in RIGHTS if "s3:PutObject" in _actions(right.user)] == ["compactor"]


def test_trino_lists_and_reads_below_its_tables_alone() -> None:
    listing, objects = _statements("trino")

    assert listing["Condition"] == {"StringLike": {"s3:prefix": ["events/*", "rejected/*"]}}
    assert objects["Resource"] == ["arn:aws:s3:::lake/events/*", "arn:aws:s3:::lake/rejected/*"]


def test_minio_gets_the_same_rights_without_a_principal() -> None:
    for right in RIGHTS:
        with_principal = [{**each, "Principal": None} for each in _statements(right.user)]
        statements: Any = user_policy(right, "lake")["Statement"]
        assert [{**each, "Principal": None} for each in statements] == with_principal
        assert all("Principal" not in each for each in statements)
