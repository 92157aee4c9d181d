"""What stands in the way of a start is said, with the mend, and nothing is started."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.paths import ROOT
from tests.running import RunningStack


def _deploy(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        check=False,
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.usefixtures("stack")  # what is said here is said by a machine that could start one
def test_a_port_in_use_names_who_uses_it_and_the_variable(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        ran = _deploy("deploy", "up", "--state", str(tmp_path), "--ports", "free", TRINO_PORT=port)

    assert ran.returncode == 1
    assert f"port {port} is in use by" in ran.stderr
    assert f"(pid {os.getpid()})" in ran.stderr
    assert "TRINO_PORT=" in ran.stderr


@pytest.mark.usefixtures("stack")
def test_a_wrong_setting_names_the_variable_the_value_and_the_bound(tmp_path: Path) -> None:
    ran = _deploy("deploy", "up", "--state", str(tmp_path), "--ports", "free", COMPACTOR_FLUSH_SECONDS="soon")

    assert ran.returncode == 1
    assert "COMPACTOR_FLUSH_SECONDS" in ran.stderr
    assert "`soon`" in ran.stderr
    assert "3,600" in ran.stderr


def test_a_machine_without_tools_is_told_which_why_and_how_before_any_download(tmp_path: Path) -> None:
    ran = _deploy("deploy.preflight", "--mode", "native", PATH=str(tmp_path), EYESHOT_CACHE=str(tmp_path / "cache"))

    assert ran.returncode == 1
    for tool in ("java", "javac", "mvn", "go", "node", "npm"):
        assert f"- {tool} " in ran.stderr
    assert "apt-get install maven" in ran.stderr
    assert "Nothing was downloaded" in ran.stderr
    assert not (tmp_path / "cache").exists()


def test_commands_without_a_stack_say_what_to_do(stack: RunningStack, tmp_path: Path) -> None:
    ran = _deploy("deploy", "status", "--state", str(tmp_path))

    assert ran.returncode == 1
    assert "make up" in ran.stderr
    assert stack.stack.state != tmp_path
