"""The programs the native stack needs: which are missing, why, and how to get them. Standard library alone."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Tool:
    """A program of this machine, the oldest version that will do, and how Debian or Ubuntu gets it."""

    program: str
    version_argument: str
    oldest: tuple[int, ...]
    why: str
    get: str


TOOLS = (
    Tool("java", "-version", (17,), "Maven runs on it", "apt-get install openjdk-17-jdk-headless"),
    Tool(
        "javac", "-version", (17,), "It compiles the metastore's file system", "apt-get install openjdk-17-jdk-headless"
    ),
    Tool("mvn", "-version", (3, 6), "It fetches Kafka, the metastore and Trino", "apt-get install maven"),
    Tool(
        "go",
        "version",
        (1, 25),
        "It builds versitygw, the S3 server",
        "apt-get install golang-go (Debian 13's backports or newer), or Go's own package",
    ),
    Tool("node", "--version", (20,), "It builds the SDK", "apt-get install nodejs (Debian 13, or Node's own package)"),
    Tool("npm", "--version", (9,), "It builds the SDK", "apt-get install npm, or Node's own package"),
    Tool("postgres", "--version", (14,), "The metastore keeps its tables in it", "apt-get install postgresql"),
    Tool("initdb", "--version", (14,), "It makes the metastore's database", "apt-get install postgresql"),
    Tool("psql", "--version", (14,), "It makes the metastore's role", "apt-get install postgresql-client"),
    Tool("tar", "--version", (1,), "It unpacks Trino", "apt-get install tar"),
)


_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def postgres_folders() -> list[str]:
    """Debian keeps PostgreSQL's programs out of PATH: the newest version's folder first."""
    folders = map(str, Path("/usr/lib/postgresql").glob("*/bin"))
    return sorted(folders, key=lambda folder: _version(folder) or (0,), reverse=True)


def find(program: str) -> str | None:
    """The program's path: from PATH, or from Debian's own folder for PostgreSQL."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *postgres_folders()])
    return shutil.which(program, path=path)


def missing(tools: tuple[Tool, ...] = TOOLS) -> Iterator[str]:
    """One line for every tool that is absent or too old."""
    for tool in tools:
        wanted = f"{tool.program} {'.'.join(map(str, tool.oldest))} or newer"
        path = find(tool.program)
        if path is None:
            yield f"{wanted} is missing. {tool.why}. To get it: {tool.get}"
            continue
        found = _version(_output(path, tool.version_argument))
        if found is None:
            yield f"{path} does not say its version. {tool.why}. To get it: {tool.get}"
        elif found < tool.oldest:
            is_now = ".".join(map(str, found))
            yield f"{wanted} is missing: {path} is {is_now}. {tool.why}. To get it: {tool.get}"


def _output(path: str, argument: str) -> str:
    try:
        ran = subprocess.run([path, argument], check=False, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return _COLOUR.sub("", ran.stdout + ran.stderr) if ran.returncode == 0 else ""


def _version(text: str) -> tuple[int, ...] | None:
    """The first number in a text, with what follows it after dots."""
    number = re.search(r"\d+(\.\d+)*", text)
    return tuple(map(int, number.group().split("."))) if number else None
