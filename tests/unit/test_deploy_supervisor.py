"""The supervisor's configuration, its launcher, and the finding of processes that lost it."""

import configparser
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.native import orphans, supervisor
from deploy.native.program import Folders, Program
from deploy.paths import ROOT
from deploy.patience import GaveUp, until


class NotYet(Exception):
    pass


def _sections(state: Path, *programs: Program) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    parser.read_string(supervisor.configuration(Folders(state), list(programs)))
    return parser


def test_every_program_is_restarted_logged_apart_and_stopped_with_its_children(tmp_path: Path) -> None:
    sections = _sections(tmp_path, Program("a", ["x"], {}), Program("b", ["y"], {}, stop_signal="INT"))

    for name in ("a", "b"):
        section = sections[f"program:{name}"]
        assert section["autorestart"] == "true"
        assert section["stdout_logfile"] == f"{tmp_path}/logs/{name}.log"
        assert section["killasgroup"] == section["stopasgroup"] == "true"
    assert int(sections["program:a"]["priority"]) < int(sections["program:b"]["priority"])
    assert sections["program:b"]["stopsignal"] == "INT"


def test_what_needs_the_topic_does_not_start_by_itself(tmp_path: Path) -> None:
    sections = _sections(tmp_path, Program("a", ["x"], {}), Program("b", ["y"], {}, after_prepare=True))

    assert sections["program:a"]["autostart"] == "true"
    assert sections["program:b"]["autostart"] == "false"


def test_no_secret_is_in_the_supervisors_configuration(tmp_path: Path) -> None:
    text = supervisor.configuration(Folders(tmp_path), [Program("a", ["x"], {"KEY": "s3cret"})])

    assert "s3cret" not in text


def test_a_folder_with_a_percent_sign_is_no_variable(tmp_path: Path) -> None:
    sections = _sections(tmp_path / "50%", Program("a", ["x"], {}))

    assert "50%%" in sections["program:a"]["stdout_logfile"]


def test_a_state_with_a_long_path_has_its_socket_where_the_path_is_short() -> None:
    assert supervisor.socket(Path("/srv/eyeshot")) == Path("/srv/eyeshot/run/supervisor.sock")
    elsewhere = supervisor.socket(Path("/srv") / ("x" * 120))
    assert len(str(elsewhere)) <= supervisor.SOCKET_LENGTH_MAX
    assert elsewhere != supervisor.socket(Path("/srv") / ("y" * 120))


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    Folders(tmp_path).make()
    yield tmp_path
    orphans.end(orphans.of(tmp_path), seconds=1)


def _launch(state: Path, part: str, command: list[str], before: list[dict[str, object]]) -> subprocess.Popen[bytes]:
    environment = {"PATH": os.environ["PATH"], orphans.MARK: str(state), orphans.PART: part}
    plan = {"command": command, "before": before, "environment": environment}
    (state / "run" / f"{part}.json").write_text(json.dumps(plan))
    launcher = [sys.executable, "-m", "deploy.native.launch", str(state), part]
    return subprocess.Popen(launcher, cwd=ROOT, env=os.environ | environment)


def _running(state: Path, part: str, program: str) -> int:
    """The pid of the part once the launcher has become the program."""

    def look() -> int:
        for process in orphans.by_part(state).get(part, []):
            if process.name() == program:
                return process.pid
        raise NotYet

    return until(part, look, 20, NotYet)


def test_the_launcher_becomes_the_program_after_its_steps(state: Path) -> None:
    made = state / "made"
    with _launch(state, "a", ["sleep", "60"], [{"command": ["touch", str(made)], "made": str(made)}]) as launcher:
        assert _running(state, "a", "sleep") == launcher.pid
        assert made.exists()
        launcher.kill()


def test_a_step_is_tried_until_it_succeeds(state: Path) -> None:
    wanted = state / "wanted"
    with _launch(state, "a", ["sleep", "60"], [{"command": ["test", "-e", str(wanted)], "made": None}]) as launcher:
        with pytest.raises(GaveUp):
            until("nothing", lambda: _running_now(state), 2, NotYet)
        wanted.touch()
        assert _running(state, "a", "sleep") == launcher.pid
        launcher.kill()


def _running_now(state: Path) -> None:
    if not [process for process in orphans.of(state) if process.name() == "sleep"]:
        raise NotYet


def test_the_launcher_ends_what_an_earlier_life_of_its_part_left_and_nothing_else(state: Path) -> None:
    with _launch(state, "a", ["sleep", "60"], []) as old, _launch(state, "b", ["sleep", "60"], []) as other:
        _running(state, "a", "sleep")
        _running(state, "b", "sleep")
        with _launch(state, "a", ["sleep", "61"], []) as new:
            old.wait(20)
            assert _running(state, "a", "sleep") == new.pid
            assert other.poll() is None
            new.kill()
        other.kill()


def test_processes_of_another_stack_are_not_found(state: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    with _launch(state, "a", ["sleep", "60"], []) as launcher:
        _running(state, "a", "sleep")
        assert orphans.of(tmp_path_factory.mktemp("another")) == []
        launcher.kill()


def test_a_socket_in_a_strangers_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.setattr(supervisor, "socket", lambda state: tmp_path / "link" / "s.sock")

    with pytest.raises(supervisor.Insecure, match="belongs to another user"):
        supervisor.start(Folders(tmp_path))
