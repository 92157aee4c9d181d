"""The native stack for every test that asks for it: brought up once, stopped at the end, nothing of it left running."""

import contextlib
import fcntl
import os
from collections.abc import Iterator

import pytest

from deploy.paths import VAR
from deploy.preflight import lacking
from tests.running import ASKED, RunningStack, fresh


@pytest.fixture(scope="session")
def stack(pytestconfig: pytest.Config) -> Iterator[RunningStack]:
    """A running stack with its own ports, data and secrets; skips, saying why, on a machine that cannot run one."""
    assert ASKED.state is not None
    if absent := lacking(ASKED.state):
        reason = "; ".join(absent)
        if os.environ.get("CI"):
            pytest.fail(f"this machine must run the stack, but {reason}")
        pytest.skip(reason)
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    with _alone():
        with capture.global_and_fixture_disabled():  # the start takes a while: let it be seen
            running = fresh()
        yield running
        running.stop()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Two runs of the tests in one checkout share the stack's folder: the second waits for the first."""
    VAR.mkdir(exist_ok=True)
    with (VAR / "test.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
