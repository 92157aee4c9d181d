"""What can be turned in the audit."""

from typing import Annotated

import msgspec
from msgspec import Meta

from eyeshot.settings import S3, Log, setting


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    """The audit's own settings."""

    patience_seconds: Annotated[
        Annotated[float, Meta(ge=0, le=3_600)],
        setting("How long a committed file may take to appear: it may be being published right now", unit="seconds"),
    ] = 30.0
    reads_at_once: Annotated[
        Annotated[int, Meta(ge=1, le=64)],
        setting("Manifests and footers read at the same time", unit="reads"),
    ] = 8


class AuditSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting of the audit."""

    audit: Audit
    s3: S3
    log: Log
