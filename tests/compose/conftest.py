"""The stack of deploy/compose.yaml: brought up once for all tests here, gone without a trace afterwards."""

from collections.abc import Iterator

import pytest
from testcontainers.compose import DockerCompose

from tests.compose import engine, environment
from tests.compose.stack import Stack

NOTES = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Stack]:
    """A running stack with its own ports, secrets and project name; skips, saying why, where there can be none."""
    if reason := engine.no_engine():
        pytest.skip(reason)
    if absent := engine.missing_images():
        engine.cannot_run(f"images that are not here and cannot be pulled: {', '.join(absent)}")
    stand_ins = [image for image in engine.images() if engine.is_stand_in(image)]
    server_knows_users = not any(image.startswith("minio/") for image in stand_ins)
    pytestconfig.stash[NOTES] = _notes(stand_ins, server_knows_users=server_knows_users)

    file = tmp_path_factory.mktemp("compose") / "env"
    variables = environment.fresh(file, server_knows_users=server_knows_users)
    with pytest.MonkeyPatch.context() as patch:
        for name in variables:
            patch.delenv(name, raising=False)  # Compose would believe this process before the file
        with DockerCompose(
            engine.ROOT, compose_file_name=engine.COMPOSE_FILE, env_file=str(file), build=True
        ) as compose:
            yield Stack(compose, variables)
    engine.expect_nothing_left(variables["COMPOSE_PROJECT_NAME"])


def _notes(stand_ins: list[str], *, server_knows_users: bool) -> list[str]:
    notes = []
    if stand_ins:
        names = ", ".join(stand_ins)
        notes.append(f"stand-ins ran in the place of {names}: the wiring is proved, the official images are not")
    if not server_knows_users:
        notes.append("S3_USERS=none: the stand-in for MinIO knows root alone, so every service had root's keys")
    return notes


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Says below the results what they do not prove."""
    for note in config.stash.get(NOTES, []):
        terminalreporter.write_line(f"compose: {note}", yellow=True)
