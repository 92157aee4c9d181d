"""The other ways, each a process of its own on the same topic; what each used out."""

import json
import subprocess
import sys
from typing import NamedTuple

from bench.compactor.fill import Filled
from bench.compactor.place import Place
from bench.tables import PEERS
from deploy.paths import ROOT

SECONDS_MAX = 1_800


class Used(NamedTuple):
    """What a way used for so many events; `bytes` is its Parquet, None where it does not say."""

    events: int
    cpu_seconds: float
    seconds: float
    bytes: int | None = None

    @property
    def per_cpu_second(self) -> float:
        """Events per second of processor time."""
        return self.events / self.cpu_seconds


def naive(place: Place, filled: Filled, records: int) -> Used:
    """The naive loop, end to end."""
    return _run(place, filled, sys.executable, ["bench.compactor.naive"], records)


def in_memory(place: Place, filled: Filled, way: str, records: int) -> Used:
    """A way from memory to memory: see bench.compactor.in_memory."""
    return _run(place, filled, sys.executable, ["bench.compactor.in_memory", way], records)


def quix(place: Place, filled: Filled, records: int) -> Used:
    """Quix Streams' S3 file sink, end to end."""
    return _run(place, filled, str(PEERS), ["bench.peers.quix_sink"], records)


def _run(place: Place, filled: Filled, python: str, words: list[str], records: int) -> Used:
    """The module's own account of what it did with the first records of the topic."""
    bucket = place.make_bucket(f"{words[-1].rsplit('.', 1)[-1].replace('_', '-')}-{filled.topic}")
    done = subprocess.run(
        [python, "-m", *words, str(min(records, filled.records))],
        env=place.environment(filled.topic, bucket),
        cwd=ROOT,
        capture_output=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{words} failed: {done.stderr.decode(errors='replace')[-2_000:]}")
    return Used(**json.loads(done.stdout))
