"""Rows are erased on request, from every closed day, and nothing brings them back."""

from datetime import date, timedelta
from typing import Any

import pytest

from eyeshot.commit_log import DataFile, Draft, Manifest
from eyeshot.lake.log import CommitLog
from eyeshot.lake.publish import Publisher
from services.keeper.chosen import BadRequest, PageView, Site, request
from services.keeper.erase import run
from services.keeper.eraser import Eraser, NotErased
from services.keeper.ports import Rewritten
from tests.audit.lakes import A_DAY_MS
from tests.builders import NOW_MS, PAGE_VIEW, batch, encoded, event
from tests.keeper import (
    FILES,
    SLOT,
    Interrupted,
    Rewriting,
    a_day_of_small_files,
    a_keeper,
    append,
    days,
    faults,
    live,
    rows,
)
from tests.twins import MemoryStore
from tests.unit.test_compactor_app import Rig

OTHER = "zyxwvutsrqponmlkjihgfe"
HERS, BEFORE = PageView(OTHER), SLOT.day + timedelta(days=1)


async def a_day_with_hers() -> Rig:
    """Three files of a day; one more with two of her events, one of another reader's, and what was rejected of hers."""
    rig = await a_day_of_small_files()
    async with Rig(rig.store, rig.source) as more:
        for posted in (batch(pv=OTHER, n=900, e=[event(), event()]), batch(n=901, s="other")):
            more.source.produce(encoded(posted), partition=0, timestamp=NOW_MS)
        for garbage in (f'{{"pv":"{OTHER}", oops'.encode(), b'{"site" : "demo", oops'):
            more.source.produce(garbage, partition=1, timestamp=NOW_MS)
        await more.until(lambda: more.compactor._source.lag(more.compactor._consumed.next_offsets()) == {0: 0, 1: 0})
    return more


def an_eraser(store: MemoryStore, rewriter: Rewriting | None = None, now_ms: int = NOW_MS + 2 * A_DAY_MS) -> Eraser:
    return Eraser(days=days(store, now_ms), rewriter=rewriter or Rewriting(store))


async def test_a_page_view_is_erased_from_events_and_from_what_was_rejected_and_the_audit_counts_it(capsys: Any):
    rig = await a_day_with_hers()
    before = await rows(rig.store)
    assert await run(an_eraser(rig.store), HERS, apply=True) == 0
    assert "3 rows erased, 0 left" in capsys.readouterr().out
    assert len(await rows(rig.store)) == len(before) - 2
    assert [(each.kind, each.erased) for each in rig.manifests()[-2:]] == [("erase", 2), ("erase", 1)]
    assert faults(rig.store) == ()
    assert await run(an_eraser(rig.store), HERS, apply=True) == 0
    assert "0 rows found" in capsys.readouterr().out


async def test_without_apply_nothing_is_written(capsys: Any):
    rig = await a_day_with_hers()
    before = dict(rig.store.objects)
    assert await run(an_eraser(rig.store), HERS, apply=False) == 1
    assert "events of 2025-11-25: 2 rows in 4 files" in capsys.readouterr().out
    assert rig.store.objects == before


async def test_a_site_is_erased_before_a_day_and_others_stay():
    rig = await a_day_with_hers()
    assert await run(an_eraser(rig.store), Site("demo", SLOT.day), apply=True) == 0  # the day itself is not before it
    assert len(await rows(rig.store)) == 2 * FILES + 3
    assert await run(an_eraser(rig.store), Site("demo", BEFORE), apply=True) == 0
    assert len(await rows(rig.store)) == 1
    assert [each.erased for each in rig.manifests()[-2:]] == [2 * FILES + 2, 1]
    assert faults(rig.store) == ()


async def test_a_day_of_which_nothing_stays_is_replaced_by_nothing():
    rig = await a_day_of_small_files()
    assert await run(an_eraser(rig.store), PageView(PAGE_VIEW), apply=True) == 0
    assert (await live(rig.store)).files(SLOT) == []
    assert faults(rig.store) == ()


async def test_a_day_that_is_not_over_is_left_alone_and_named(capsys: Any):
    rig = await a_day_with_hers()
    before = dict(rig.store.objects)
    assert await run(an_eraser(rig.store, now_ms=NOW_MS), HERS, apply=True) == 1
    said = capsys.readouterr()
    assert "0 rows erased, 3 left" in said.out
    assert "events of 2025-11-25 is not over: run this again when it is" in said.err
    assert rig.store.objects == before


async def test_a_merge_in_between_is_noticed_and_its_day_erased():
    rig = await a_day_with_hers()
    store = Interrupted(rig.store)
    store.meanwhile = lambda: a_keeper(rig.store)._step()
    assert await run(an_eraser(store), HERS, apply=True) == 0
    assert [each.kind for each in rig.manifests()[-3:]] == ["merge", "erase", "erase"]
    assert len(await rows(rig.store)) == 2 * FILES + 1
    assert faults(rig.store) == ()


async def test_a_rewriting_that_still_has_such_a_row_is_not_committed():
    rig = await a_day_with_hers()

    class Forgetful(Rewriting):
        async def rewrite(self, slot: Any, files: Any, nonce: str, tier: Any, without: Any = None) -> Rewritten:
            return await super().rewrite(slot, files, nonce, tier)

    before = dict(rig.store.objects)
    with pytest.raises(NotErased, match="not all that should are gone"):
        await run(an_eraser(rig.store, Forgetful(rig.store)), HERS, apply=True)
    assert rig.store.objects == before


async def test_a_repair_under_way_brings_nothing_back_when_the_day_is_replaced_meanwhile():
    rig = await a_day_with_hers()
    manifest = rig.manifests()[-1]
    lost = next(file for file in manifest.files if file.table == "events")
    log = CommitLog(rig.store)
    await log.refresh()
    await rig.store.delete(lost.key)

    async def rebuild(manifest: Manifest, file: DataFile) -> Draft:
        """Reads Kafka for so long that the day's retention ends before it commits."""
        assert await a_keeper(rig.store, retention_days=1, now_ms=NOW_MS + 9 * A_DAY_MS)._step()
        return Draft(
            kind="repair",
            nonce="late",
            topic=manifest.topic,
            topic_id=manifest.topic_id,
            created_at=0,
            reason="repair",
            rebuilt_from=manifest.consumed,
            removed=(file.key,),
            files=(),
        )

    async def no_pause(_: float) -> None: ...

    log.window._manifests[manifest.sequence] = manifest  # as if it had not been published
    await Publisher(rig.store, log, rebuild, no_pause)._finish(manifest)
    assert [each.kind for each in rig.manifests()].count("repair") == 0
    assert (await live(rig.store)).files(SLOT) == []


async def test_a_lost_file_of_an_erased_day_is_not_repaired():
    rig = await a_day_with_hers()
    lost = rig.manifests()[-1].files
    assert await run(an_eraser(rig.store), HERS, apply=True) == 0
    for file in lost:
        await rig.store.delete(file.key)
    rig = await append(rig.store, rig)
    assert "repair" not in [each.kind for each in rig.manifests()]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ((None, None, None), "either --page-view"),
        ((OTHER, "demo", None), "either --page-view"),
        ((None, "demo", None), "either --page-view"),
        (("", None, None), "22 characters"),
        ((OTHER[1:], None, None), "22 characters"),
        ((None, "", "2026-11-25"), "1 to 64"),
        ((None, "s" * 65, "2026-11-25"), "1 to 64"),
        ((None, "demo", "yesterday"), "must be a day"),
    ],
)
def test_a_request_that_is_not_clear_is_refused(options: Any, reason: str):
    with pytest.raises(BadRequest, match=reason):
        request(*options)


def test_a_clear_request_is_taken():
    assert request(OTHER, None, None) == HERS
    assert request(None, "s" * 64, "2026-11-25") == Site("s" * 64, date(2026, 11, 25))
