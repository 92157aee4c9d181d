"""Fail points kill just where they are told to, and cannot be switched on by accident."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.paths import ROOT
from eyeshot import fail_point
from eyeshot.settings import describe
from services.compactor.settings import CompactorSettings

MEANT = {"FAIL_POINT_KILLS": "this process"}
DIES = """
from eyeshot import fail_point
fail_point.arm({"FAIL_POINT": "after_part:2", "FAIL_POINT_KILLS": "this process"})
for step in ("after_part", "before_part", "before_part", "after_part"):
    print(step, flush=True)
    fail_point.reach(step)
print("alive")
"""


@pytest.fixture(autouse=True)
def _nothing_stays_armed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fail_point, "_left", {})


def test_nothing_is_armed_without_being_asked_for():
    fail_point.arm({})

    for step in fail_point.STEPS:
        fail_point.reach(step)

    assert fail_point._left == {}


def test_a_fail_point_alone_stops_the_start():
    with pytest.raises(fail_point.BadFailPoint, match="only tests may do"):
        fail_point.arm({"FAIL_POINT": "after_commit:1"})


@pytest.mark.parametrize("text", ["", "after_commit", "after_commit:0", "after_commit:-1", "after_comit:1"])
def test_a_step_that_is_none_is_refused(text):
    with pytest.raises(fail_point.BadFailPoint, match="must be a step and a count"):
        fail_point.arm({"FAIL_POINT": text} | MEANT)


def test_the_process_dies_at_the_step_the_nth_time():
    ran = subprocess.run([sys.executable, "-c", DIES], cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == -signal.SIGKILL
    assert ran.stdout.split()[-4:] == ["after_part", "before_part", "before_part", "after_part"]


def test_every_step_is_somewhere_in_what_writes():
    code = "".join(path.read_text() for path in _writers())
    assert set(re.findall(r'reach\("(\w+)"\)', code)) == set(fail_point.STEPS)


def test_no_stack_passes_one_on():
    named = [path for path in _passing_on() if "FAIL_POINT" in path.read_text()]
    assert named == []
    assert not {setting.variable for setting in describe(CompactorSettings)} & {"FAIL_POINT", "FAIL_POINT_KILLS"}


def _passing_on() -> list[Path]:
    return [path for path in (ROOT / "deploy").rglob("*") if path.suffix in {".py", ".yaml", ".sh", ".Dockerfile"}]


def _writers() -> list[Path]:
    return [path for folder in ("services", "eyeshot") for path in (ROOT / folder).rglob("*.py")]
