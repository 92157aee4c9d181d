"""The audit proves a lake that is whole, and names each thing that a vandal or a mistake does to it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import msgspec
import pytest

from eyeshot.commit_log import DataFile, Draft, OffsetRange
from eyeshot.lake.log import CommitLog
from eyeshot.settings import S3
from services.audit.report import render
from tests.audit.lakes import InMemory, OnS3, Vandal, audited, data_keys, fill, manifests
from tests.audit.vandalism import VANDALISMS, Vandalism, body, delete_an_object
from tests.house.repository import ROOT
from tests.s3_server import running
from tests.unit.test_compactor_app import Rig, died_before_publishing


class AuditContract:
    def test_a_whole_lake_is_proved(self, vandal: Vandal):
        for deep in (False, True):
            report = audited(vandal, deep=deep)
            assert report.faults == ()
            assert render(report).endswith("0 faults: every offset is there once")
        assert len(report.chain.entries) == 3

    @pytest.mark.parametrize(("vandalism", "kind"), VANDALISMS, ids=lambda each: getattr(each, "__name__", ""))
    def test_what_a_vandal_did_is_named(self, vandal: Vandal, vandalism: Vandalism, kind: str):
        where = vandalism(vandal)
        for deep in (False, True):
            report = audited(vandal, deep=deep)
            assert (kind, where) in [(fault.kind, fault.where) for fault in report.faults], render(report)
            assert f"FAULT {kind}: {where}" in render(report)

    def test_a_file_committed_under_the_wrong_day_is_found(self, vandal: Vandal):
        commit_again(vandal, lambda file: file.key.replace("day=25", "day=26"), day_too=True)
        assert "wrong day" in {fault.kind for fault in audited(vandal).faults}

    def test_offsets_committed_twice_are_found(self, vandal: Vandal):
        commit_again(vandal, lambda file: file.key.replace(".parquet", "-again.parquet"))
        report = audited(vandal, deep=True)
        assert {"altered object", "doubled offsets"} <= {fault.kind for fault in report.faults}


def commit_again(vandal: Vandal, new_key: Callable[[DataFile], str], day_too: bool = False) -> None:
    """A mistake of the compactor's: the first file once more, under another key, in a manifest like any other."""
    first = manifests(vandal)[0]
    old = next(file for file in first.files if file.table == "events")
    key = new_key(old)
    vandal.put(key, body(vandal, old.key))
    day = old.day.replace(day=26) if day_too else old.day
    tip = manifests(vandal)[-1].next_offsets
    draft = Draft(
        nonce="again",
        topic=first.topic,
        topic_id=first.topic_id,
        created_at=0,
        reason="size",
        consumed=(OffsetRange(partition=0, first=tip[0], next=tip[0] + 1, records=1),),
        files=(msgspec.structs.replace(old, key=key, day=day),),
    )

    async def commit() -> None:
        log = CommitLog(vandal.store)
        await log.refresh()
        assert (await log.commit(draft)).mine

    asyncio.run(commit())


class TestInMemory(AuditContract):
    @pytest.fixture
    def vandal(self) -> InMemory:
        vandal = InMemory()
        asyncio.run(fill(vandal.store))
        return vandal


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    with running(tmp_path_factory.mktemp("s3")) as settings:
        yield settings


class TestOnS3(AuditContract):
    @pytest.fixture
    def vandal(self, server: S3) -> Iterator[OnS3]:
        vandal = OnS3(server)
        asyncio.run(fill(vandal.store))
        yield vandal
        vandal.empty()

    def test_the_command_says_it_with_its_exit_status(self, vandal: OnS3, server: S3):
        whole = command(server, "--deep")
        assert whole.returncode == 0, whole.stderr
        assert whole.stdout.rstrip().endswith("0 faults: every offset is there once")
        key = delete_an_object(vandal)
        broken = command(server)
        assert broken.returncode == 1
        assert f"FAULT deleted object: {key}" in broken.stdout


def command(server: S3, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the audit as an operator does."""
    environment = os.environ | {
        "S3_ENDPOINT": server.endpoint,
        "S3_ACCESS_KEY": server.access_key,
        "S3_SECRET_KEY": server.secret_key,
        "AUDIT_PATIENCE_SECONDS": "0",
    }
    program = [sys.executable, "-m", "services.audit", *arguments]
    return subprocess.run(program, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_a_store_that_is_away_proves_nothing():
    away = command(S3(endpoint="http://127.0.0.1:1", access_key="access", secret_key="secret-secret"))  # noqa: S106
    assert away.returncode == 2
    assert "cannot" in away.stderr


def test_what_is_being_published_is_waited_for():
    vandal = InMemory()
    asyncio.run(fill(vandal.store))
    key = data_keys(vandal)[0]
    hidden = vandal.store.objects.pop(key)
    waits: list[float] = []

    def publish(seconds: float) -> None:
        waits.append(seconds)
        vandal.store.objects[key] = hidden

    assert audited(vandal, patience=10, pause=publish).faults == ()
    assert len(waits) == 1


async def lake_after_a_lost_upload(beginning: int) -> InMemory:
    """Two commits; the second one's upload was lost, and Kafka begins at an offset when it is rebuilt."""
    vandal = InMemory()
    async with Rig(vandal.store) as rig:
        rig.produce()
        await rig.until(lambda: rig.compactor._first_record_at is not None)
    async with Rig(vandal.store, rig.source) as dying:
        dying.produce(events=2)
        dying.produce()
        await dying.until(lambda: dying.compactor._consumed.next_offsets() == {0: 3, 1: 0})
        dying.compactor._publisher.publish = died_before_publishing  # type: ignore[method-assign]
    vandal.store.uploads.clear()
    rig.source.beginnings[0] = beginning
    async with Rig(vandal.store, rig.source) as heir:
        await heir.until(lambda: heir.compactor.trouble is None)
    return vandal


@pytest.mark.parametrize(("beginning", "faults"), [(0, set()), (2, {"lost offsets", "missing offsets"})])
def test_a_repaired_lake_is_proved_as_far_as_it_could_be_repaired(
    beginning: int, faults: set[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("eyeshot.lake.publish.LOOK_SECONDS", 0)
    report = audited(asyncio.run(lake_after_a_lost_upload(beginning)), deep=True)
    assert {fault.kind for fault in report.faults} - {"wrong count"} == faults  # counted, where events are counted
    assert len(report.chain.entries) == 3
