"""What the golden examples say of a batch is what the collector says; sdk/test/golden.test.mjs: and the SDK."""

import json
from pathlib import Path
from typing import Any

import pytest

from eyeshot.verdict import verdict
from tests.builders import encoded

EXAMPLES: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "golden/batches.json").read_text())


@pytest.mark.parametrize("example", EXAMPLES, ids=[each["about"] for each in EXAMPLES])
def test_the_collector_takes_what_the_example_says(example: dict[str, Any]):
    judged = verdict(encoded(example["batch"]))

    assert [each.index for each in judged.rejected] == example["rejected"]
    assert judged.events == len(example["batch"]["e"])
