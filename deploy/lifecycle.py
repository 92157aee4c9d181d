"""What lies in which tier of a running stack's lake, with the keeper's own key, and the store's rules, with root's."""

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from deploy import lifecycle_rules, s3_users
from deploy.paths import ROOT
from deploy.service_environments import environments
from deploy.stack import Stack
from eyeshot.table import DATA_PREFIXES

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def run(stack: Stack) -> int:
    """Prints both; its exit status: 0 told, 2 it could not look."""
    environment = environments(stack)["keeper"]
    command = [sys.executable, "-m", "services.keeper.lifecycle"]
    status = subprocess.run(command, check=False, cwd=ROOT, env=os.environ | environment).returncode
    s3 = s3_users.client(stack.s3_endpoint, stack.keys("root"))
    native = lifecycle_rules.settings(environment).tiers == "native"
    for line in [*lifecycle_rules.told(s3, stack.bucket), *(classes(s3, stack.bucket) if native else [])]:
        print(line)
    return status


def classes(s3: "S3Client", bucket: str) -> list[str]:
    """Where the store has put the data by now: objects and bytes of each storage class."""
    found: dict[str, tuple[int, int]] = {}
    for prefix in DATA_PREFIXES:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for each in page.get("Contents", []):
                name = str(each.get("StorageClass", "STANDARD"))
                objects, size = found.get(name, (0, 0))
                found[name] = (objects + 1, size + each["Size"])
    return [f"{bucket}: {name}: {objects:,} objects, {size:,} bytes" for name, (objects, size) in sorted(found.items())]
