"""The real server keeps what its /openapi.json says, asked by schemathesis."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.contract.test_workers import running
from tests.house.repository import ROOT

SECONDS_MAX = 600
PROGRAM = Path(sys.executable).with_name("schemathesis")
# A page without parameters takes any request, and an invalid event is reported without failing its batch.
NOT_CHECKED = "negative_data_rejection"


async def test_every_answer_is_the_one_that_the_description_promises(tmp_path: Path):
    if not PROGRAM.exists():
        reason = f"{PROGRAM} is not there: make .venv anew"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    async with running(tmp_path / "spool", workers=1) as collector:
        options = ["--checks", "all", "--exclude-checks", NOT_CHECKED, "--phases", "coverage,fuzzing"]
        options += ["--max-examples", "50", "--seed", "1", "--no-color"]
        asked = await asyncio.create_subprocess_exec(
            *(str(PROGRAM), "run", f"http://127.0.0.1:{collector.port}/openapi.json", *options),
            cwd=tmp_path,
            env=os.environ | {"SCHEMATHESIS_HOOKS": "tests.contract.openapi_hooks", "PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(SECONDS_MAX):
            told, _ = await asked.communicate()
    assert asked.returncode == 0, told.decode()
