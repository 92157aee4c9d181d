"""What was compared and found in; the table and the verdict that people read out. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from eyeshot.commit_log import OffsetRange
from eyeshot.tier import TIERS
from services.audit.core import Chain, Fault, LakeObject

PARTITION_HEAD = ("partition", "first", "next", "offsets", "records", "no record", "duplicates", "lost", "commits")
TABLE_HEAD = ("table", "tier", "files", "rows", "bytes", "first day", "last day")


class Report(NamedTuple):
    """The outcome of an audit. It proves the lake when there is no fault."""

    chain: Chain
    listed: Mapping[str, LakeObject]
    faults: tuple[Fault, ...]


def render(report: Report) -> str:
    """The report as text; its last line is the verdict."""
    kinds = sorted({fault.kind for fault in report.faults})
    verdict = f"{len(report.faults)} faults: {', '.join(kinds)}" if kinds else "0 faults: every offset is there once"
    return "\n".join(
        [
            *_columns(PARTITION_HEAD, _partitions(report.chain)),
            "",
            *_columns(TABLE_HEAD, _tables(report.chain)),
            "",
            *_erased(report.chain),
            *_awaiting_deletion(report),
            *(f"FAULT {fault.kind}: {fault.where}: {fault.text}" for fault in report.faults),
            f"audit: {len(report.chain.entries)} manifests, {len(report.listed)} objects, {verdict}",
        ]
    )


def _erased(chain: Chain) -> Iterator[str]:
    by = [manifest for manifest, _ in chain.entries if manifest.erased]
    if by:
        yield f"erased on purpose: {sum(manifest.erased for manifest in by):,} rows by {len(by):,} manifests"
        yield ""


def _awaiting_deletion(report: Report) -> Iterator[str]:
    left = [there.size for key, there in report.listed.items() if key in report.chain.removed]
    if left:
        yield f"replaced, and deleted when its grace is over: {len(left):,} objects, {sum(left):,} bytes"
        yield ""


def _partitions(chain: Chain) -> Iterator[tuple[object, ...]]:
    taken: dict[int, list[OffsetRange]] = {}
    lost: dict[int, int] = {}
    for manifest, _ in chain.entries:
        for each in manifest.consumed:
            taken.setdefault(each.partition, []).append(each)
        for each in manifest.lost:
            lost[each.partition] = lost.get(each.partition, 0) + each.records
    for partition, ranges in sorted(taken.items()):
        offsets = sum(each.next - each.first for each in ranges)
        records = sum(each.records for each in ranges)
        duplicates = sum(each.duplicates for each in ranges)
        first, following = ranges[0].first, ranges[-1].next
        no_record = offsets - records
        yield partition, first, following, offsets, records, no_record, duplicates, lost.get(partition, 0), len(ranges)


def _tables(chain: Chain) -> Iterator[tuple[object, ...]]:
    files = [live.file for live in chain.live.values()]
    for table, tier in sorted(
        {(file.table, file.tier) for file in files}, key=lambda each: (each[0], TIERS.index(each[1]))
    ):
        its = [file for file in files if (file.table, file.tier) == (table, tier)]
        days = sorted(file.day for file in its)
        yield table, tier, len(its), sum(file.rows for file in its), sum(file.bytes for file in its), days[0], days[-1]


def _columns(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> list[str]:
    lines = [head, *(tuple(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row) for row in rows)]
    widths = [max(len(line[number]) for line in lines) for number in range(len(head))]
    return ["  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
