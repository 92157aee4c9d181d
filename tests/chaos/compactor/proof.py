"""After a run: what the ledger, the probers, SQL and the audit say of the lake, as one outcome."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from deploy.stack import Stack
from tests.chaos.compactor import sql
from tests.chaos.compactor.cast import Cast
from tests.chaos.compactor.fleet import Diary
from tests.chaos.compactor.prober import Counted
from tests.chaos.ledger import Verdict
from tests.chaos.report import Tally

EXAMPLES_MAX = 5


@dataclass
class Outcome:
    """What a run came to; without complaints it is proved."""

    tally: Tally
    complaints: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def outcome_of(diary: Diary, verdicts: Mapping[str, Verdict]) -> Outcome:
    """The worst that anybody found. What is lost or doubled is the same row for all of them, and not added up."""
    lost = max(verdict.lost for verdict in verdicts.values())
    duplicated = max(verdict.duplicated for verdict in verdicts.values())
    said = [f"{who}: {text}" for who, each in verdicts.items() for text in each.examples[:EXAMPLES_MAX]]
    crashes = [f"{diary.crashes} compactors ended by themselves"] if diary.crashes else []
    return Outcome(Tally(1, lost, duplicated, diary.faults), said, crashes)


def asked_in_sql(stack: Stack, schema: str, in_files: Counted) -> Verdict:
    """Trino must count what the files hold."""
    counted = sql.settled(sql.by_sql(stack, schema), in_files.rows)
    missing, doubled = in_files.rows - counted.rows, counted.rows - counted.distinct
    examples = () if counted == in_files else (f"{counted}, and in the files {in_files}",)
    return Verdict(max(missing, 0), max(doubled, -missing, 0), examples)


def complaints_of(cast: Cast, statuses: Sequence[int | None], *, caught_up: bool) -> list[str]:
    """What is wrong beside lost and doubled rows: of the end of the run, and by the audit."""
    status, text = cast.audit()
    faults = [line for line in text.splitlines() if line.startswith("FAULT")]
    return [
        *([] if caught_up else ["it never caught up"]),
        *(f"a clean stop ended with {each}" for each in statuses if each and each > 0),
        *(faults[:EXAMPLES_MAX] if status else []),
        *(text.splitlines()[-1:] if status else []),
    ]


def needless_repairs(keys: Iterable[str]) -> list[str]:
    """Nobody but the run takes an upload away: what else had to be rebuilt, a compactor has spoilt."""
    return [f"{key} was committed and then lost, and no store lost it" for key in sorted(keys)[:EXAMPLES_MAX]]
