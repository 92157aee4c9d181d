"""Whatever comes, a promotion moves values and loses none; and both ways to a row know promoted fields."""

import json
import subprocess
import sys
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.paths import ROOT
from eyeshot.promoted import TYPES, Promotion
from services.compactor.promote import promote
from services.compactor.rows import rows_of
from tests.builders import record
from tests.property.test_decode import values

PROMOTIONS = tuple(Promotion(f"a_{type_}", type_) for type_ in TYPES)
scalars = st.none() | st.booleans() | st.integers(-(2**65), 2**65) | st.floats(allow_nan=False) | st.text(max_size=3)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2)
)
fields = st.dictionaries(st.sampled_from([*(each.name for each in PROMOTIONS), "other", "$x"]), anything)


@given(fields, fields)
def test_every_value_is_in_its_column_or_where_it_was(own: dict[str, Any], batch: dict[str, Any]):
    after = promote(own, batch, PROMOTIONS)
    assert set(after.columns) == {each.name for each in PROMOTIONS}
    given = {name: value for name, value in after.columns.items() if value is not None}
    back_in_own = {name: value for name, value in given.items() if name in own}
    back_in_batch = {name: value for name, value in given.items() if name not in own}
    assert after.own | back_in_own == own
    assert after.batch | back_in_batch == batch
    assert not set(given) & set(after.own)


@settings(max_examples=200)
@given(values())
def test_a_promotion_changes_nothing_of_a_row_but_where_that_field_is(value: bytes):
    promotions = (Promotion("z", "bigint"), Promotion("l", "string"))
    before, after = rows_of(record(value), ()), rows_of(record(value), promotions)
    assert before.rejected == after.rejected
    for old, new in zip(before.events, after.events, strict=True):
        moved = {name for name, _ in promotions if old.get(name) is None and new[name] is not None}
        assert {**new, "extra": None} == {
            "z": None,
            "l": None,
            **old,
            **{name: new[name] for name in moved},
            "extra": None,
        }
        assert bool(moved) == (old["extra"] != new["extra"])
        for name in moved:
            kept = json.loads(old["extra"])
            assert new[name] == kept.get(name, kept.get("$batch", {}).get(name))


def test_decoding_by_columns_and_row_by_row_agree_with_promoted_fields_too():
    """The same property as without, where `z` of the strange fields has a column of its own."""
    program = (
        "import sys, eyeshot.promoted as p; p.PROMOTED = (p.Promotion('z', 'bigint'), p.Promotion('batch', 'string'));"
        "import pytest; sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider',"
        "'tests/property/test_decode.py::test_decoding_a_poll_gives_what_every_record_alone_gives']))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], check=False, cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert ran.returncode == 0, ran.stdout[-3_000:]
