"""The parts of the collector's chaos harness that decide: a harness that errs proves nothing."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.chaos.collector.disk import SECTOR, cut_power
from tests.chaos.collector.ledger import Ledger, Verdict
from tests.chaos.collector.schedule import KINDS, schedule
from tests.chaos.collector.shim import Control, NoCompiler, compiled

A, B = ("a", "page", 1), ("b", "page", 1)


def test_what_was_acknowledged_and_is_not_stored_is_lost_and_what_was_never_sent_is_a_phantom():
    ledger = Ledger()
    for batch, status in ((A, 202), (B, 503)):
        ledger.sends(batch)
        ledger.answered(batch, status)
    assert ledger.judge([A, A]) == Verdict(frozenset(), frozenset(), 1)
    assert ledger.judge([B]) == Verdict(frozenset({A}), frozenset(), 0)
    assert ledger.judge([A, ("c", "page", 1)]).phantom == {("c", "page", 1)}


@pytest.mark.parametrize("faults", [22, 60])
def test_a_schedule_follows_from_its_seed_and_has_every_kind(faults: int):
    planned, again, other = (schedule(seed, 1, faults=faults, away_seconds=20, gap_seconds=1) for seed in (1, 1, 2))
    assert planned == again != other
    assert planned.faults == faults
    assert Counter(fault.kind for fault in (*planned.near, *planned.away)).keys() == KINDS.keys()
    assert not [fault for fault in planned.away if KINDS[fault.kind].needs_broker]


def test_a_power_cut_leaves_what_was_synced_and_any_part_of_the_rest(tmp_path: Path):
    left = set()
    for seed in range(30):
        disk, platter = tmp_path / f"disk{seed}", tmp_path / f"platter{seed}"
        for folder, body in ((disk, b"a" * SECTOR + b"c" * SECTOR), (platter, b"a" * SECTOR + b"b" * SECTOR)):
            folder.mkdir()
            (folder / "spool-0.db").write_bytes(body)
        (disk / "spool-0.db-wal").write_bytes(b"never synced")
        (disk / "spool-0.db-shm").write_bytes(b"in memory")
        cut_power(disk, platter, Random(seed))
        assert not (disk / "spool-0.db-shm").exists()
        body = (disk / "spool-0.db").read_bytes()
        assert body == (platter / "spool-0.db").read_bytes()
        left.add((body[:1], body[-1:], (disk / "spool-0.db-wal").exists()))
    assert left == {(b"a", last, wal) for last in (b"b", b"c") for wal in (True, False)}


WRITER = """
import os, sys, time
os.chdir(sys.argv[1])
file = os.open("f", os.O_RDWR | os.O_CREAT)
os.pwrite(file, b"synced", 0)
os.fsync(file)
os.pwrite(file, b"cached", 6)
print(time.time() > 4e9, time.monotonic() < 1e9, flush=True)
input()
try:
    os.pwrite(file, b"x", 0)
except OSError as error:
    print(error.strerror, flush=True)
"""


def test_the_shim_keeps_what_was_synced_moves_the_wall_clock_and_fails_writes_when_told(tmp_path: Path):
    try:
        library = compiled()
    except NoCompiler as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    disk, platter = tmp_path / "disk", tmp_path / "platter"
    disk.mkdir()
    platter.mkdir()
    control = Control(tmp_path / "control")
    control.clock(3e9)
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(disk)],
        env=os.environ | control.environment(library, disk, platter),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline().split() == ["True", "True"]
        assert (disk / "f").read_bytes() == b"syncedcached"
        assert (platter / "f").read_bytes() == b"synced"
        control.failing("ENOSPC")
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline().strip() == "No space left on device"
    control.close()
