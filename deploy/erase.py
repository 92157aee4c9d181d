"""Erasing from a running stack's lake, with the keeper's own key."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from deploy.paths import ROOT
from deploy.service_environments import environments
from deploy.stack import Stack

OPTIONS = ("page-view", "site", "before")


def options(said: Mapping[str, object]) -> tuple[str, ...]:
    """The command line's options for the eraser; with = because an id may begin with a dash."""
    values = {name: said.get(name.replace("-", "_")) for name in OPTIONS}
    named = [f"--{name}={value}" for name, value in values.items() if value is not None]
    return (*named, *(["--apply"] if said.get("apply") else []))


def run(stack: Stack, options: Sequence[str]) -> int:
    """Prints what there is to erase, or erases it; its exit status: 0 nothing is left, 1 rows are, 2 it could not."""
    command = [sys.executable, "-m", "services.keeper.erase", *options]
    return subprocess.run(command, check=False, cwd=ROOT, env=os.environ | environments(stack)["keeper"]).returncode
