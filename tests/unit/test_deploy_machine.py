"""What a machine lacks is said before anything is downloaded: tools, disk, files that are not what was locked."""

import stat
from pathlib import Path

import pytest

from deploy import mode
from deploy.native import builders, disk, tools


def _program(folder: Path, name: str, says: str, status: int = 0) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\nprintf '{says}\\n'\nexit {status}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    return tmp_path


JAVA = tools.Tool("eyeshot-java", "-version", (17,), "Maven runs on it", "apt-get install openjdk-17-jdk-headless")


def test_an_absent_tool_is_named_with_why_and_how(programs: Path) -> None:
    (line,) = tools.missing((JAVA,))

    assert line == (
        "eyeshot-java 17 or newer is missing. Maven runs on it. To get it: apt-get install openjdk-17-jdk-headless"
    )


@pytest.mark.parametrize("says", ['openjdk version "17.0.15" 2025-04-15', "\\033[1mApache 17\\033[m", "v21.0.1"])
def test_a_tool_that_is_new_enough_is_not_mentioned(programs: Path, says: str) -> None:
    _program(programs, "eyeshot-java", says)

    assert list(tools.missing((JAVA,))) == []


def test_an_old_tool_is_named_with_the_version_it_has(programs: Path) -> None:
    _program(programs, "eyeshot-java", "java 11.0.2")

    (line,) = tools.missing((JAVA,))

    assert f"{programs}/eyeshot-java is 11.0.2" in line


def test_a_tool_that_does_not_run_is_missing(programs: Path) -> None:
    _program(programs, "eyeshot-java", "java 21", status=1)

    assert len(list(tools.missing((JAVA,)))) == 1


def test_a_disk_too_small_says_how_much_is_needed_and_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "CACHE_PEAK_MB", 10**9)

    (line,) = disk.too_small(tmp_path / "cache", tmp_path / "state", fetched=False)

    assert "too small: 1,000,0" in line
    assert "MB are free" in line
    assert "EYESHOT_CACHE" in line


def test_what_was_fetched_needs_no_room_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "CACHE_PEAK_MB", 10**9)

    assert disk.too_small(tmp_path / "cache", tmp_path / "state", fetched=True) == []


LOCK = "aa  kafka/lib/a.jar\nbb  hms/b.jar\n"


def test_files_as_locked_pass() -> None:
    builders.verify({"kafka/lib/a.jar": "aa", "hms/b.jar": "bb"}, LOCK)


@pytest.mark.parametrize(
    "found",
    [
        {"kafka/lib/a.jar": "aa", "hms/b.jar": "cc"},
        {"kafka/lib/a.jar": "aa"},
        {"kafka/lib/a.jar": "aa", "hms/b.jar": "bb", "hms/c.jar": "dd"},
    ],
)
def test_a_changed_a_missing_and_an_extra_file_are_named(found: dict[str, str]) -> None:
    with pytest.raises(builders.WrongFiles, match=r"hms/[bc]\.jar"):
        builders.verify(found, LOCK)


def test_a_docker_that_reaches_an_engine_means_compose(programs: Path) -> None:
    _program(programs, "docker", "27.0")

    assert mode.choose(None) == ("compose", "a Docker engine answers `docker info`")


def test_a_docker_without_an_engine_means_native(programs: Path) -> None:
    _program(programs, "docker", "Cannot connect", status=1)

    assert mode.choose(None) == ("native", "no Docker engine answers `docker info`")


def test_what_was_asked_for_wins(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(programs, "docker", "27.0")
    monkeypatch.setenv("MODE", "native")

    assert mode.choose(None)[0] == "native"
    assert mode.choose("compose")[0] == "compose"


def test_an_unknown_mode_is_refused_with_the_known_ones() -> None:
    with pytest.raises(mode.BadMode, match="native, compose"):
        mode.choose("podman")
