"""Sources in other languages in; Go's load and server, and Node's, built into the cache once for each content, out."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from deploy.native.artefacts import Artefact
from deploy.native.commands import run
from deploy.paths import cache

HERE = Path(__file__).parent
GO = HERE / "go"
NODE = HERE / "node"


def go() -> Path:
    """The folder of the programs `load` and `server`; go.sum holds the hash of every module."""

    def build(folder: Path) -> None:
        command = ["go", "build", "-mod=readonly", "-trimpath", "-o", f"{folder}/", "./load", "./server"]
        run(command, folder=GO, environment=os.environ | {"CGO_ENABLED": "0"})

    sources = (GO / "go.mod", GO / "go.sum", GO / "load/main.go", GO / "server/main.go")
    return _once(Artefact("bench-collector-go", sources), build)


def node() -> Path:
    """The folder of `server.mjs` and its modules, by the hashes of package-lock.json."""
    sources = tuple(NODE / name for name in ("package.json", "package-lock.json", "server.mjs"))

    def install(folder: Path) -> None:
        for source in sources:
            shutil.copy(source, folder)
        run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], folder=folder)

    return _once(Artefact("bench-collector-node", sources), install)


def _once(artefact: Artefact, build: Callable[[Path], None]) -> Path:
    complete = artefact.folder(cache())
    if not complete.is_dir():
        partial = complete.with_name(f"{complete.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        build(partial)
        partial.rename(complete)
    return complete
