"""A lake whose days grow old: real keepers that move them, and readers who ask for all of them all the time."""

import subprocess
import sys
import threading
from typing import Any

from deploy import query
from deploy.native.program import Program
from deploy.paths import ROOT
from deploy.service_environments import environments
from eyeshot.lake.log import CommitLog
from eyeshot.table import DATA_PREFIXES
from eyeshot.tier import TIERS, Address, Tier, bucket_of
from tests.chaos.partitioner.lake import LakeOfDays
from tests.chaos.process import Process
from tests.chaos.stage import Stage

AGES: dict[Tier, dict[str, str]] = {
    "warm": {"KEEPER_WARM_DAYS": "1", "KEEPER_COLD_DAYS": "0"},  # the days are long over
    "cold": {"KEEPER_WARM_DAYS": "1", "KEEPER_COLD_DAYS": "2"},
}
QUICK_KEEPER = {
    "KEEPER_POLL_SECONDS": "0.2",
    "KEEPER_CLOCK_SECONDS_MAX": "0",
    "KEEPER_FILE_BYTES": str(1024 * 1024),
    "KEEPER_GAIN_MIN": "1",  # nothing is merged that need not move
    "KEEPER_SWEEP_SECONDS": "60",
}
WHERE = """SELECT DISTINCT "$path" FROM {schema}.{table} WHERE year >= '2000'"""


class AgeingLake(LakeOfDays):
    """Six days, three of each table, all of them over for long, and an empty topic behind them."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        stage.prepare(stage.stack.topic, self.bucket)

    def keeper_environment(self, tier: Tier, **settings: str) -> dict[str, str]:
        """What a keeper is given that moves every day to that tier."""
        own = {"S3_BUCKET": self.bucket} | QUICK_KEEPER | AGES[tier]
        return environments(self.stack)["keeper"] | own | settings

    def keeper_service(self, tier: Tier, who: str = "one") -> Process:
        """The real service, not started."""
        environment = self.keeper_environment(tier, KEEPER_PORT=str(next(self._ports)))
        command = [sys.executable, "-m", "services.keeper"]
        return self._stage.process(Program(f"keeper-{self.bucket}-{who}", command, environment, stop_seconds=60))

    def erase(self, tier: Tier, *options: str) -> str:
        """What the real command says of it."""
        command = [sys.executable, "-m", "services.keeper.erase", *options, "--apply"]
        ran = subprocess.run(
            command, check=False, cwd=ROOT, env=self.keeper_environment(tier), capture_output=True, text=True
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def tiers_read(self) -> set[str]:
        """The tiers in which queries find rows."""
        buckets = {f"s3://{bucket_of(tier, self.bucket)}/": tier for tier in TIERS}
        paths = {row[0] for table in ("events", "rejected") for row in self._sql(WHERE, table)}
        return {tier for path in paths for begins, tier in buckets.items() if path.startswith(begins)}

    def until_read_from(self, tier: Tier) -> None:
        """Wait until queries find every row in that tier."""
        self.until(f"the {tier} tier", lambda: self.tiers_read() == {tier})

    def until_alone_in(self, tier: Tier) -> None:
        """Wait until there is data in that tier alone."""
        self.until(f"the deletions elsewhere than {tier}", lambda: {at.tier for at in self.everything()} == {tier})

    def everything(self) -> set[Address]:
        """Every object of the data, in every tier."""
        found = set()
        for tier in TIERS:
            for prefix in DATA_PREFIXES:
                listing = self._client.list_objects_v2(Bucket=bucket_of(tier, self.bucket), Prefix=prefix)
                found |= {Address(tier, item["Key"]) for item in listing.get("Contents", [])}
        return found

    async def addresses(self) -> tuple[set[Address], set[Address]]:
        """The files that are in the table, and those that ever were."""
        ever = set()
        async for manifest in CommitLog(self.store).manifests_after(-1):
            ever |= {file.address for file in manifest.files}
        live = await self.live()
        return {file.address for slot in live.days() for file in live.files(slot)}, ever


class Readers:
    """So many clients that ask for every row and compare it with what it was."""

    def __init__(self, lake: AgeingLake, number: int, expected: list[list[Any]]) -> None:
        self.answers = 0
        self.wrong: list[str] = []
        self._lake, self._expected = lake, expected
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(number)]

    def __enter__(self) -> "Readers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(120)

    def _ask(self) -> None:
        while not self._stop.is_set():
            try:
                rows = self._lake.answer()
            except query.QueryFailed as failed:
                self.wrong.append(str(failed))
            else:
                self.answers += 1
                if rows != self._expected:
                    self.wrong.append(f"{len(rows)} rows instead of {len(self._expected)}")
