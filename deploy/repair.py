"""Comparing a running stack's log, data and metastore, with the partitioner's own key."""

import os
import subprocess
import sys

from deploy.paths import ROOT
from deploy.service_environments import environments
from deploy.stack import Stack


def run(stack: Stack, *, apply: bool) -> int:
    """Prints what differs, or mends it too; its exit status: 0 nothing does, 1 something does, 2 it could not look."""
    command = [sys.executable, "-m", "services.partitioner.repair", *(["--apply"] if apply else [])]
    return subprocess.run(
        command, check=False, cwd=ROOT, env=os.environ | environments(stack)["partitioner"]
    ).returncode
