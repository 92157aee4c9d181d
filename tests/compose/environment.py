"""The environment file of a stack of its own: free ports, random secrets, a project name that no other stack has."""

import secrets
from pathlib import Path

from deploy import ports
from deploy import secrets as stack_secrets
from deploy.rights import RIGHTS


def fresh(file: Path, *, server_knows_users: bool) -> dict[str, str]:
    """Writes the file and returns its variables. A server that knows root alone gets root's keys for every user."""
    chosen = {
        "COMPOSE_PROJECT_NAME": f"eyeshot-test-{secrets.token_hex(4)}",
        "COMPACTOR_FLUSH_SECONDS": "2",
        "S3_USERS": "minio" if server_knows_users else "none",
        **{name: str(port) for name, port in ports.free().items()},
    }
    variables = chosen | stack_secrets.ensure(file)
    if not server_knows_users:
        for right in RIGHTS:
            for key in ("ACCESS_KEY", "SECRET_KEY"):
                variables[f"S3_{right.user.upper()}_{key}"] = variables[f"S3_ROOT_{key}"]
    file.write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
    return variables
