"""The services' settings in; docs/configuration.md out."""

import msgspec

from eyeshot.settings import Setting, describe
from services.audit.settings import AuditSettings
from services.collector.settings import CollectorSettings
from services.compactor.settings import CompactorSettings
from services.keeper.settings import KeeperSettings
from services.partitioner.settings import PartitionerSettings
from services.rollup.settings import RollupSettings

_SERVICES: dict[str, type[msgspec.Struct]] = {
    "audit": AuditSettings,
    "collector": CollectorSettings,
    "compactor": CompactorSettings,
    "partitioner": PartitionerSettings,
    "keeper": KeeperSettings,
    "rollup": RollupSettings,
}


def render() -> str:
    """The text of docs/configuration.md."""
    lines = [
        "<!-- Generated from services/*/settings.py by `make generate`. Do not edit. -->",
        "# Configuration",
        "",
        "Every setting is an environment variable. A service refuses to start on a value out of its bound and names",
        "the variable, the value and the bound. A variable that is set to nothing counts as not set.",
        "",
    ]
    for service, struct in _SERVICES.items():
        rows = [_row(each) for each in describe(struct)]
        lines += [
            f"## {service}",
            "",
            "| variable | type, bound, unit | default | |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    return "\n".join(lines)


def _row(each: Setting) -> str:
    allowed = " ".join(filter(None, (each.type, each.bound, each.unit))).replace("|", "\\|")
    return f"| `{each.variable}` | {allowed} | {each.default} | {each.sentence} |"
