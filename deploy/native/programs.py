"""Every program of a native stack, in the order in which they start; they stop in the opposite one."""

import hashlib
import sys
from pathlib import Path

from deploy.native.artefacts import VERSITYGW
from deploy.native.jvm import kafka, metastore, trino
from deploy.native.postgres import postgres
from deploy.native.program import Folders, Program, Step
from deploy.paths import ROOT, cache
from deploy.service_environments import environments
from deploy.stack import HOST, Stack

# The collector stops before the compactor, so that what it took is flushed while Kafka and S3 are still there.
SERVICES = ("partitioner", "keeper", "rollup", "compactor", "collector", "demo")


def programs(stack: Stack, folders: Folders) -> list[Program]:
    """Raises SettingError for a setting that a service would refuse, CannotRun for PostgreSQL without a user."""
    ours = environments(stack)
    return [
        postgres(stack, folders),
        s3(stack, folders),
        kafka(stack, folders),
        metastore(stack, folders),
        trino(stack, folders),
        *(_service(name, ours[name]) for name in SERVICES if name in ours),
    ]


def s3(stack: Stack, folders: Folders) -> Program:
    """versitygw on plain folders; without --keep-alive, which breaks pyarrow now and then."""
    home = folders.data("s3")
    access, secret = stack.keys("root")
    arguments = [
        "--port",
        f"{HOST}:{stack.ports['S3_PORT']}",
        "--region",
        "us-east-1",
        "--health",
        "/health",
        "--quiet",
    ]
    arguments += ["--iam-dir", str(home / "iam"), "--iam-cache-ttl", "5"]
    posix = ["posix", "--versioning-dir", str(home / "versions"), str(home / "objects")]
    return Program(
        "s3",
        [str(VERSITYGW.folder(cache()) / "versitygw"), *arguments, *posix],
        {"ROOT_ACCESS_KEY_ID": access, "ROOT_SECRET_ACCESS_KEY": secret},
        before=[Step(["mkdir", "-p", *(str(home / name) for name in ("iam", "versions", "objects"))])],
    )


def _service(name: str, environment: dict[str, str]) -> Program:
    module = "demo" if name == "demo" else f"services.{name}"
    folders = ["demo"] if name == "demo" else ["eyeshot", f"services/{name}"]
    return Program(
        name,
        [sys.executable, "-m", module],
        {**environment, "PYTHONUNBUFFERED": "1"},
        stop_seconds=30,
        after_prepare=True,
        code=_code([ROOT / folder for folder in folders]),
    )


def _code(folders: list[Path]) -> str:
    """A hash of the Python and SQL below the folders."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted((*folder.rglob("*.py"), *folder.rglob("*.sql"))):
            digest.update(path.read_bytes())
    return digest.hexdigest()
