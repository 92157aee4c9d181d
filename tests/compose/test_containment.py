"""How little each container may do: read from the engine, not from the file."""

from typing import Any

import pytest

from deploy.kafka_rights import ADMIN, KAFKA_RIGHTS
from tests.compose.stack import ONE_SHOT, SERVICES, Stack

EVERY_CONTAINER = pytest.mark.parametrize("service", (*SERVICES, ONE_SHOT))


def _host(stack: Stack, service: str) -> dict[str, Any]:
    host: dict[str, Any] = stack.inspect(service)["HostConfig"]
    return host


def test_these_tests_know_every_container(stack: Stack) -> None:
    assert stack.services() == sorted((*SERVICES, ONE_SHOT))


@pytest.mark.parametrize("service", SERVICES)
def test_no_process_runs_as_root(stack: Stack, service: str) -> None:
    users = stack.user_ids(service)
    assert users
    assert 0 not in users


@EVERY_CONTAINER
def test_the_configured_user_is_not_root(stack: Stack, service: str) -> None:
    assert stack.inspect(service)["Config"]["User"].partition(":")[0] not in {"", "0", "root"}


@EVERY_CONTAINER
def test_the_root_file_system_is_read_only(stack: Stack, service: str) -> None:
    assert _host(stack, service)["ReadonlyRootfs"] is True


@EVERY_CONTAINER
def test_no_capability_is_kept_and_none_can_be_gained(stack: Stack, service: str) -> None:
    host = _host(stack, service)
    assert host["CapDrop"] == ["ALL"]
    assert not host["CapAdd"]
    assert not host["Privileged"]
    assert "no-new-privileges:true" in host["SecurityOpt"]


@EVERY_CONTAINER
def test_memory_is_bounded(stack: Stack, service: str) -> None:
    assert _host(stack, service)["Memory"] > 0


@EVERY_CONTAINER
def test_published_ports_are_on_the_loopback_address_alone(stack: Stack, service: str) -> None:
    bindings = _host(stack, service)["PortBindings"] or {}
    assert {binding["HostIp"] for port in bindings.values() for binding in port} <= {"127.0.0.1"}


@EVERY_CONTAINER
def test_the_image_has_an_exact_tag(stack: Stack, service: str) -> None:
    _, _, tag = stack.inspect(service)["Config"]["Image"].partition(":")
    assert tag not in {"", "latest"}


@EVERY_CONTAINER
def test_what_is_mounted_from_the_host_is_read_only_and_every_volume_has_a_name(stack: Stack, service: str) -> None:
    project = stack.inspect(service)["Config"]["Labels"]["com.docker.compose.project"]
    for mount in stack.inspect(service)["Mounts"]:
        if mount["Type"] == "bind":
            assert mount["RW"] is False, mount["Destination"]
        else:
            assert mount["Name"].startswith(f"{project}_"), mount["Destination"]


def test_the_collector_sees_the_sites_file_that_an_editor_puts_in_the_place_of_the_old_one(stack: Stack) -> None:
    sources = [mount["Source"] for mount in stack.inspect("collector")["Mounts"] if mount["Destination"] == "/sites"]
    assert [source.rsplit("/", 2)[-2:] for source in sources] == [["deploy", "sites"]]


@pytest.mark.parametrize("service", ["collector", "demo", "kafka"])
def test_a_service_that_needs_no_storage_knows_no_key_of_it(stack: Stack, service: str) -> None:
    names = [variable.partition("=")[0] for variable in stack.inspect(service)["Config"]["Env"]]
    assert not [name for name in names if name.startswith(("S3_", "POSTGRES_", "HIVE_"))]


@pytest.mark.parametrize("service", ["compactor", "keeper", "partitioner", "rollup", "trino"])
def test_a_service_does_not_know_the_keys_of_another(stack: Stack, service: str) -> None:
    names = [variable.partition("=")[0] for variable in stack.inspect(service)["Config"]["Env"]]
    keys = [name for name in names if name.startswith(("S3_", "MINIO_")) and name.endswith("_KEY")]
    assert len(keys) == len(("access key", "secret key"))
    assert not [name for name in names if "ROOT" in name]


@pytest.mark.parametrize("service", ["collector", "compactor", "keeper", "rollup"])
def test_a_service_knows_its_own_password_for_kafka_alone(stack: Stack, service: str) -> None:
    split = [variable.partition("=") for variable in stack.inspect(service)["Config"]["Env"]]
    environment = {name: value for name, _, value in split}
    assert environment["KAFKA_USER"] == service
    assert [name for name in environment if name.startswith("KAFKA_") and name.endswith("PASSWORD")] == [
        "KAFKA_PASSWORD"
    ]


@pytest.mark.parametrize("service", ["demo", "metastore", "minio", "partitioner", "postgres", "trino"])
def test_a_service_that_does_not_use_kafka_has_no_user_of_it(stack: Stack, service: str) -> None:
    names = [variable.partition("=")[0] for variable in stack.inspect(service)["Config"]["Env"]]
    assert not [name for name in names if name.startswith("KAFKA_")]


def test_the_broker_knows_no_password_but_the_admins(stack: Stack) -> None:
    environment = " ".join(stack.inspect("kafka")["Config"]["Env"])
    assert stack.kafka(ADMIN).password in environment
    assert not [right.user for right in KAFKA_RIGHTS if stack.kafka(right.user).password in environment]
