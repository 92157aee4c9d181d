"""A program of the native stack in; the same under a benchmark's control, for as long as it is needed."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from deploy.native.program import Folders, Program
from deploy.paths import ROOT

STOP_SECONDS = 60.0


@contextmanager
def running(program: Program, folders: Folders) -> Iterator[int]:
    """Its pid; the steps before it are done, what it says is in its log. It is ended when the benchmark is."""
    environment = {**os.environ, **program.environment}
    with (folders.logs / f"{program.part}.log").open("a") as log:
        for step in program.before:
            subprocess.run(step.command, env=environment, stdout=log, stderr=log, check=True)
        process = subprocess.Popen(program.command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            yield process.pid
        finally:
            process.send_signal(signal.Signals[f"SIG{program.stop_signal}"])
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
            process.kill()
            process.wait()
