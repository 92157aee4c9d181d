"""Docs that cannot lie: what they link to, run or list is there."""

import re

import pytest

import generate.__main__ as generated
from tests.house.repository import ROOT, files, name

DECISION_LINES_MAX = 40
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
MAKE = re.compile(r"`make ([a-z-]+)")


@pytest.mark.parametrize("path", files(".md"), ids=name)
def test_every_link_leads_somewhere(path):
    broken = [target for target in LINK.findall(path.read_text()) if not (path.parent / target).exists()]
    assert broken == []


@pytest.mark.parametrize("path", files(".md"), ids=name)
def test_every_make_target_that_is_named_exists(path):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(MAKE.findall(path.read_text())) <= targets


@pytest.mark.parametrize("path", [path for path in files(".md") if "decisions" in path.parts], ids=name)
def test_a_decision_is_short_enough_to_be_read(path):
    text = path.read_text()
    assert len(text.splitlines()) <= DECISION_LINES_MAX
    assert all(f"**{part}.**" in text for part in ("Context", "Options", "Choice", "Price"))


@pytest.mark.parametrize("path", generated.OUTPUTS)
def test_what_is_generated_is_fresh(path):
    assert (ROOT / path).read_text() == generated.OUTPUTS[path]()


def test_every_source_file_is_reached_by_the_walk_through_the_architecture():
    walked = (ROOT / "docs/architecture.md").read_text()
    rooms = [
        path
        for path in files(".py")
        if re.fullmatch(r"services/\w+/(app|core|kafka|metastore|parquet|rows)\.py", name(path))
    ]
    assert [name(path) for path in rooms if f"`{path.name}`" not in walked and f"`{path.stem}" not in walked] == []


def test_the_readme_shows_every_top_level_folder():
    folders = {name(path).split("/")[0] for path in files() if "/" in name(path)} - {".ci"}
    readme = (ROOT / "README.md").read_text()
    assert {folder for folder in folders if f"{folder}/" not in readme} == set()


def test_the_rollups_page_shows_the_tables_that_the_rollup_makes():
    assert (ROOT / "services/rollup/tables.sql").read_text().strip() in (ROOT / "docs/rollup.md").read_text()
