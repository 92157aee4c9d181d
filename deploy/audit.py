"""The audit of a running stack's lake, with a key that can read and nothing else."""

import os
import subprocess
import sys

from deploy.paths import ROOT
from deploy.stack import Stack


def run(stack: Stack, *, deep: bool) -> int:
    """Prints the audit's table; its exit status: 0 proved, 1 faults, 2 it could not look."""
    access, secret = stack.keys("auditor")
    own = {
        "S3_ENDPOINT": stack.s3_endpoint,
        "S3_BUCKET": stack.bucket,
        "S3_ACCESS_KEY": access,
        "S3_SECRET_KEY": secret,
    }
    command = [sys.executable, "-m", "services.audit", *(["--deep"] if deep else [])]
    return subprocess.run(command, check=False, cwd=ROOT, env=os.environ | own).returncode
