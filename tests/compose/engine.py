"""The Docker engine of this machine and what it has, asked through its command line."""

import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import pytest

ROOT = Path(__file__).parents[2]
COMPOSE_FILE = "deploy/compose.yaml"


class Refused(Exception):
    """A `docker` command failed; the text holds the command and what it said."""


def docker(*arguments: str) -> str:
    """What `docker …` printed; raises Refused when it failed."""
    ran = subprocess.run(("docker", *arguments), check=False, capture_output=True, text=True, cwd=ROOT)
    if ran.returncode:
        raise Refused(f"`docker {' '.join(arguments)}`: {' '.join(ran.stderr.split())}")
    return ran.stdout.strip()


def inspect(container: str) -> dict[str, Any]:
    """Everything the engine knows of a container."""
    found: dict[str, Any] = json.loads(docker("inspect", "--type", "container", container))[0]
    return found


def no_command() -> str | None:
    """Why the Compose file cannot even be read here, or None when it can."""
    try:
        docker("compose", "version")
    except FileNotFoundError:
        return "there is no `docker` command here"
    except Refused as refused:
        return f"`docker` has no Compose here: {refused}"
    return None


def no_engine() -> str | None:
    """Why no stack can be started here, or None when one can."""
    if reason := no_command():
        return reason
    try:
        docker("version")
    except Refused as refused:
        return f"no Docker engine answers: {refused}"
    return None


@cache
def services() -> dict[str, dict[str, Any]]:
    """The services of the Compose file as it is written, before any variable is filled in; needs no engine."""
    text = docker("compose", "--file", COMPOSE_FILE, "config", "--no-interpolate", "--format", "json")
    there: dict[str, dict[str, Any]] = json.loads(text)["services"]
    return there


@cache
def images() -> tuple[str, ...]:
    """The images of others that the stack runs or that its own are built from."""
    built = {service["image"] for service in services().values() if "build" in service}
    run = {service["image"] for service in services().values()} - built
    return tuple(sorted(run | _bases()))


def missing_images() -> list[str]:
    """Those of them that are neither here nor can be pulled."""
    return [image for image in images() if not (docker("image", "ls", "--quiet", image) or _can_be_pulled(image))]


def is_stand_in(image: str) -> bool:
    """Whether the image was built by ../shared/docker in the place of an official one."""
    return bool(docker("image", "inspect", "--format", '{{index .Config.Labels "stand-in"}}', image))


def expect_nothing_left(project: str) -> None:
    """Fails when a container, volume or network of the project is still there."""
    label = f"label=com.docker.compose.project={project}"
    for kind in (("ps", "--all"), ("volume", "ls"), ("network", "ls")):
        left = docker(*kind, "--quiet", "--filter", label)
        assert not left, f"`docker {' '.join(kind)}` still shows {left}"


def cannot_run(reason: str) -> NoReturn:
    """Skips the test; on CI, where an engine that is there has to do, fails it."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


def _bases() -> set[str]:
    dockerfiles = (ROOT / "deploy/docker").glob("*.Dockerfile")
    lines = [line.split() for file in dockerfiles for line in file.read_text().splitlines()]
    return {words[1] for words in lines if words[:1] == ["FROM"]}


def _can_be_pulled(image: str) -> bool:
    try:
        docker("pull", "--quiet", image)
    except Refused:
        return False
    return True
