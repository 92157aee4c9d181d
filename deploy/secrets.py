"""The stack's secrets: an environment file in, the same file with everything that was missing generated out."""

import base64
import os
import secrets
import string
import uuid
from collections.abc import Callable
from pathlib import Path

from deploy import kafka_rights
from deploy.rights import RIGHTS

_ALPHANUMERIC = string.ascii_letters + string.digits


def _password() -> str:
    return "".join(secrets.choice(_ALPHANUMERIC) for _ in range(32))


def _access_key() -> str:
    """Random as well: known ids have been enough for an attack on MinIO (CVE-2026-40344)."""
    return "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(20))


def _cluster_id() -> str:
    """22 characters of base64; a leading dash would be taken for an option by Kafka's tools."""
    identity = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    return identity if not identity.startswith("-") else _cluster_id()


GENERATORS: dict[str, Callable[[], str]] = {
    "POSTGRES_PASSWORD": _password,
    "HIVE_DB_PASSWORD": _password,
    "ROLLUP_DB_PASSWORD": _password,
    "KAFKA_CLUSTER_ID": _cluster_id,
}
for _user in ("root", *(right.user for right in RIGHTS)):
    GENERATORS[f"S3_{_user.upper()}_ACCESS_KEY"] = _access_key
    GENERATORS[f"S3_{_user.upper()}_SECRET_KEY"] = _password
GENERATORS |= {kafka_rights.password_variable(user): _password for user in kafka_rights.USERS}


def read(file: Path) -> dict[str, str]:
    """The variables of an environment file; empty when there is none."""
    if not file.exists():
        return {}
    lines = (line.strip() for line in file.read_text().splitlines())
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def ensure(file: Path) -> dict[str, str]:
    """Generates what the file lacks, keeps it readable by its owner alone, and returns all of it."""
    there = read(file)
    made = {name: generate() for name, generate in GENERATORS.items() if not there.get(name)}
    if made:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "w") as out:
            if not there:
                out.write("# Generated on the first start. Settings and ports may be added: NAME=value.\n")
            out.writelines(f"{name}={value}\n" for name, value in made.items())
    file.chmod(0o600)
    return there | made
