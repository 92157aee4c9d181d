"""What the golden examples say of a batch is what the collector says; sdk/test/golden.test.mjs: and the SDK."""

import json
from pathlib import Path
from typing import Any

import pytest

from eyeshot.reading import InvalidBatch
from eyeshot.verdict import verdict
from tests.builders import encoded

GOLDEN = Path(__file__).parents[1] / "golden"
EXAMPLES: list[dict[str, Any]] = json.loads((GOLDEN / "batches.json").read_text())
ENVELOPES: list[dict[str, Any]] = json.loads((GOLDEN / "envelopes.json").read_text())


@pytest.mark.parametrize("example", EXAMPLES, ids=[each["about"] for each in EXAMPLES])
def test_the_collector_takes_what_the_example_says(example: dict[str, Any]):
    judged = verdict(encoded(example["batch"]))

    assert [each.index for each in judged.rejected] == example["rejected"]
    assert judged.events == len(example["batch"]["e"])


@pytest.mark.parametrize("example", ENVELOPES, ids=[each["about"] for each in ENVELOPES])
def test_the_collector_takes_a_batch_or_refuses_it_whole_as_the_example_says(example: dict[str, Any]):
    plain: dict[str, Any] = EXAMPLES[0]["batch"]
    change: dict[str, Any] = dict(example["change"])
    events = plain["e"] * change.pop("events", 1)
    body = encoded(plain | {"e": events} | change)

    if example["accepted"]:
        assert verdict(body).accepted == len(events)
    else:
        with pytest.raises(InvalidBatch):
            verdict(body)
