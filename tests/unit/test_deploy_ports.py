"""The ports of a stack: chosen, checked, and defended by name."""

import os
import socket

import pytest

from deploy import ports


def test_a_variable_replaces_a_default() -> None:
    assert ports.from_environment({"TRINO_PORT": "28080"})["TRINO_PORT"] == 28080
    assert ports.from_environment({})["TRINO_PORT"] == ports.DEFAULTS["TRINO_PORT"]


@pytest.mark.parametrize("value", ["0", "65536", "-1", "http", "80.0"])
def test_a_variable_that_is_no_port_is_refused_with_its_name_value_and_bound(value: str) -> None:
    with pytest.raises(ports.BadPort, match=f"S3_PORT is `{value}`, but must be a port between 1 and 65535"):
        ports.from_environment({"S3_PORT": value})


def test_free_ports_are_all_different_and_can_be_listened_on() -> None:
    free = ports.free()

    assert set(free) == set(ports.DEFAULTS)
    assert len(set(free.values())) == len(free)
    assert list(ports.taken(free)) == []


def test_free_ports_are_none_that_an_outgoing_connection_can_be_given() -> None:
    first, last = map(int, ports.OUTGOING.read_text().split())

    assert not [port for port in ports.free().values() if first <= port <= last]


def test_a_taken_port_names_the_process_its_pid_and_the_variable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        (line,) = ports.taken({"TRINO_PORT": server.getsockname()[1]})

    assert f"(pid {os.getpid()})" in line
    assert "TRINO_PORT=<port> make up" in line


def test_a_port_of_the_stack_itself_is_not_in_the_way() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert list(ports.taken({"TRINO_PORT": server.getsockname()[1]}, {os.getpid()})) == []
