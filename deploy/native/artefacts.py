"""What the native stack is made of and where it lies in the cache, keyed by what pins it. Standard library alone."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from deploy.paths import ROOT

NATIVE = ROOT / "deploy" / "native"
HIVE = ROOT / "deploy" / "hive"


@dataclass(frozen=True)
class Artefact:
    """A folder that is fetched or built once for each content of its pins."""

    name: str
    pins: tuple[Path, ...]

    def folder(self, cache: Path) -> Path:
        """Where it is once it is complete; another pin gives another folder."""
        digest = hashlib.sha256()
        for pin in self.pins:
            digest.update(pin.read_bytes())
        return cache / "native" / f"{self.name}-{digest.hexdigest()[:12]}"


JARS = Artefact("jars", (NATIVE / "pom.xml", HIVE / "pom.xml", NATIVE / "jars.lock"))
FILE_SYSTEM = Artefact("noop-file-system", (HIVE / "NoopFileSystem.java", HIVE / "pom.xml"))
JAVA_17 = Artefact("java-17", (NATIVE / "java" / "17.lock",))
JAVA_25 = Artefact("java-25", (NATIVE / "java" / "25.lock",))
VERSITYGW = Artefact("versitygw", (NATIVE / "versitygw" / "go.mod", NATIVE / "versitygw" / "go.sum"))

ARTEFACTS = (JARS, JAVA_17, JAVA_25, VERSITYGW, FILE_SYSTEM)


def missing(cache: Path) -> list[Artefact]:
    """What has still to be fetched or built, in an order in which it can be."""
    return [artefact for artefact in ARTEFACTS if not artefact.folder(cache).is_dir()]


def all_there(cache: Path) -> bool:
    """Whether a start needs no download."""
    return not missing(cache)
