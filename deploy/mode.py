"""Native or Compose, and why. Needs the standard library alone: it runs before anything is installed."""

import os
import shutil
import subprocess

MODES = ("native", "compose")


class BadMode(Exception):
    """MODE names no mode."""


def choose(asked: str | None) -> tuple[str, str]:
    """(mode, the reason), for what was asked for on the command line or in MODE."""
    asked = asked or os.environ.get("MODE")
    if asked:
        if asked not in MODES:
            raise BadMode(f"MODE is {asked!r}; it must be one of {', '.join(MODES)}")
        return asked, "it was asked for"
    if not shutil.which("docker"):
        return "native", "there is no docker on this machine"
    if not _answers("docker", "info"):
        return "native", "no Docker engine answers `docker info`"
    if not _answers("docker", "compose", "version"):
        return "native", "there is a Docker engine, but no `docker compose`"
    return "compose", "a Docker engine answers `docker info`"


def _answers(*command: str) -> bool:
    """Whether the command succeeds within a few seconds."""
    try:
        asked = subprocess.run(command, check=False, capture_output=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0
