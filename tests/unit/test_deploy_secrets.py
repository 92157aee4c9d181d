"""Secrets are generated once, random, and for their owner's eyes alone."""

from pathlib import Path

from deploy import secrets


def test_everything_is_generated_into_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    file = tmp_path / ".env"

    made = secrets.ensure(file)

    assert set(made) == set(secrets.GENERATORS)
    assert secrets.read(file) == made
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_second_start_keeps_them_and_adds_only_what_is_missing(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# mine\nTRINO_PORT=28080\nKAFKA_CLUSTER_ID=kept\n")
    first = secrets.ensure(file)

    assert secrets.ensure(file) == first
    assert first["KAFKA_CLUSTER_ID"] == "kept"
    assert first["TRINO_PORT"] == "28080"


def test_the_file_of_an_older_version_gets_what_it_lacks(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    new = {name for name in secrets.GENERATORS if name.startswith("KAFKA_") and name.endswith("_PASSWORD")}
    old = {name: value for name, value in secrets.ensure(file).items() if name not in new}
    file.write_text("".join(f"{name}={value}\n" for name, value in old.items()))

    made = secrets.ensure(file)

    assert new
    assert new <= set(made)
    assert {name: made[name] for name in old} == old
    assert secrets.read(file) == made


def test_a_file_that_others_can_read_is_closed(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.touch(0o644)

    secrets.ensure(file)

    assert file.stat().st_mode & 0o777 == 0o600


def test_no_two_stacks_share_a_secret(tmp_path: Path) -> None:
    one, other = secrets.ensure(tmp_path / "one"), secrets.ensure(tmp_path / "other")

    assert not set(one.values()) & set(other.values())


def test_a_cluster_id_is_as_kafka_wants_it() -> None:
    for _ in range(200):
        identity = secrets.GENERATORS["KAFKA_CLUSTER_ID"]()
        assert len(identity) == 22
        assert not identity.startswith("-")
