"""Where and when a benchmark ran: the processor, the commit, the versions."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from deploy.paths import ROOT


def described(loads: tuple[float, float]) -> dict[str, Any]:
    """For a result; `loads` are the machine's load averages before and after."""
    return {
        "machine": f"{_processor()}, {os.cpu_count()} cores",
        "versions": f"Python {platform.python_version()}, pyarrow {pa.__version__}",
        "load_average": loads,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _commit() -> str:
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return said.stdout.strip() or "unknown"
