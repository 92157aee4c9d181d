"""What the Compose file asks for and hands on; needs the `docker` command, but no engine."""

from pathlib import Path

import pytest

from deploy import secrets
from deploy.service_environments import SETTINGS
from eyeshot.settings import describe
from tests.compose import engine


@pytest.fixture(autouse=True, scope="module")
def _needs_the_command() -> None:
    if reason := engine.no_command():
        pytest.skip(reason)


@pytest.mark.parametrize("name", secrets.GENERATORS)
def test_a_secret_that_is_missing_is_named(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(name, raising=False)
    file = tmp_path / "env"
    kept = {other: value for other, value in secrets.ensure(file).items() if other != name}
    file.write_text("".join(f"{other}={value}\n" for other, value in kept.items()))
    with pytest.raises(engine.Refused, match=f"{name}.*python -m deploy up"):
        engine.docker("compose", "--env-file", str(file), "--file", engine.COMPOSE_FILE, "config", "--quiet")


@pytest.mark.parametrize("service", SETTINGS)
def test_every_setting_of_a_service_can_be_turned_from_the_environment_file(service: str) -> None:
    handed_on = set(engine.services()[service]["environment"])
    assert {setting.variable for setting in describe(SETTINGS[service])} <= handed_on
