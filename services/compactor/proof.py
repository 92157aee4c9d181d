"""Rows that plain.py let through in; those that reading.py would judge otherwise out: what it left to be checked.

Patterns are checked once per distinct value, so that a column costs little more than finding those.
"""

import re
from typing import Any, get_args, get_type_hints

import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Meta

from eyeshot.event import IDENTITY, NO_NEWLINE, Event, Head

FEW = 128  # values that Python's expressions check faster than Arrow's


def misfits(table: pa.Table) -> pa.Array | None:
    """Which rows break a pattern, or have half an identity: true for each of them; None when there are none."""
    found = [mask for mask in (*_breaking(table), _half_identities(table)) if mask is not None]
    if not found:
        return None
    mask = found[0]
    for other in found[1:]:
        mask = pc.or_(mask, other)
    return mask


def _breaking(table: pa.Table) -> list[pa.Array | None]:
    return [_off_pattern(table[name].combine_chunks(), pattern) for name, pattern in PATTERNS.items()]


def _off_pattern(column: pa.Array, pattern: str) -> pa.Array | None:
    values = column.dictionary if isinstance(column, pa.DictionaryArray) else column.unique()
    wrong = _wrong_of_few(values, pattern) if len(values) <= FEW else _wrong_of_many(values, pattern)
    if not len(wrong):
        return None
    return pc.is_in(column.cast(pa.string()), value_set=wrong)


def _wrong_of_few(values: pa.Array, pattern: str) -> pa.Array:
    """Arrow makes an automaton of the pattern for each call, which costs as much as a hundred matches."""
    matches = re.compile(pattern).fullmatch
    wrong = [value for value in values.to_pylist() if value is not None and not matches(value)]
    return pa.array(wrong, pa.string())


def _wrong_of_many(values: pa.Array, pattern: str) -> pa.Array:
    return values.filter(pc.invert(pc.match_substring_regex(values, pattern)))


def _half_identities(table: pa.Table) -> pa.Array | None:
    absent = [table[name].null_count for name in IDENTITY]
    if absent in ([0] * len(IDENTITY), [table.num_rows] * len(IDENTITY)):
        return None
    first, *others = (table[name].combine_chunks().is_null() for name in IDENTITY)
    differing = pc.or_(*(pc.xor(first, other) for other in others))
    return differing if pc.any(differing).as_py() else None


def _patterns() -> dict[str, str]:
    hints = get_type_hints(Head, include_extras=True) | get_type_hints(Event, include_extras=True)
    return {name: pattern for name, hint in hints.items() if (pattern := _pattern(hint))}


def _pattern(hint: Any) -> str | None:
    """The pattern of a field's type. RE2's `$` is the very end already, and it knows no look-ahead."""
    for part in get_args(hint):
        if isinstance(part, Meta) and part.pattern:
            return part.pattern.removesuffix(NO_NEWLINE)
        if not isinstance(part, Meta) and (inner := _pattern(part)):
            return inner
    return None


PATTERNS = _patterns()
assert set(PATTERNS) == {"page_view_id", "source", "event_type", "placement"}
