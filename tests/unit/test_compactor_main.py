"""The compactor's process ends when its work has, whatever the Kafka client still does."""

import subprocess
import sys

import pytest

from deploy import ports
from deploy.paths import ROOT

DEADLINE_SECONDS = 60
# As aiokafka's coordination may: it awaits a task that takes the cancellation for itself, and goes on.
STUCK = """
import asyncio, sys
import services.compactor.__main__ as compactor
from eyeshot.lake.ports import StoreUnavailable

class Stuck:
    trouble = None
    def __init__(self, **ports): pass
    async def run(self, stop):
        self.task = asyncio.create_task(self.coordinate())
        await asyncio.sleep(0)
        {ending}
    async def coordinate(self):
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                pass

compactor.Compactor = Stuck
compactor.end(compactor.main())
"""


@pytest.mark.parametrize(
    ("ending", "status"),
    [("return", 0), ("raise StoreUnavailable('away')", 1), ("raise RuntimeError('a mistake')", 1)],
)
def test_a_task_that_will_not_end_does_not_keep_the_process(ending: str, status: int):
    environment = {
        "KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "S3_ENDPOINT": "http://127.0.0.1:1",
        "S3_ACCESS_KEY": "access",
        "S3_SECRET_KEY": "secret-secret",
        "COMPACTOR_PORT": str(ports.free()["COMPACTOR_PORT"]),
    }
    ran = subprocess.run(
        [sys.executable, "-c", STUCK.format(ending=ending)],
        check=False,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
    )

    assert ran.returncode == status, ran.stderr
    assert status == 0 or ending.split("'")[1] in ran.stdout
