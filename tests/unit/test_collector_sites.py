"""The sites file: what it may say, and what happens when it is broken."""

from pathlib import Path

import pytest

from services.collector.quota import Buckets
from services.collector.site_file import SiteFile
from services.collector.sites import SitesInvalid, read_sites
from tests.house.repository import ROOT

NEWS = b'[sites.news]\norigins = ["https://news.example:8443", "null"]\n'


def test_the_projects_own_file_is_valid_and_has_the_demo_site():
    demo = read_sites((ROOT / "deploy/sites/sites.toml").read_bytes())["demo"]
    assert demo.allows("http://127.0.0.1:8401")


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://news.example:8443", True),
        ("null", True),
        (None, True),
        ("https://news.example", False),
        ("http://news.example:8443", False),
        ("https://news.example:84430", False),
        ("https://evil-news.example:8443", False),
        ("http://localhost", False),
        ("", False),
    ],
)
def test_an_origin_matches_exactly(origin: str | None, allowed: bool):
    assert read_sites(NEWS)["news"].allows(origin) == allowed


@pytest.mark.parametrize(
    "origin", ["http://localhost.evil.example", "http://127.0.0.1.evil.example", "http://127.0.0.2"]
)
def test_what_only_looks_local_is_not(origin: str):
    assert not read_sites(b"[sites.demo]\ntest_mode = true")["demo"].allows(origin)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (b"", "missing required field `sites`"),
        (b"[sites]", "length >= 1"),
        (b"[sites.a]\norigin = []", "unknown field `origin`"),
        (b'[sites.a]\norigins = ["https://a.example/"]', "matching regex"),
        (b'[sites.a]\norigins = ["https://A.example"]', "matching regex"),
        (b'[sites.a]\norigins = ["*"]', "matching regex"),
        (b"[sites.a]\ntest_mode = true", "for the site `demo` only"),
        (b"[sites.a]\nevents_burst = 499", ">= 500"),
        (b"not toml", "Expected"),
        (b"\xff", "utf-8"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_place(text: bytes, error: str):
    with pytest.raises(SitesInvalid, match=error):
        read_sites(text)


def test_a_change_is_read_and_a_broken_file_leaves_the_sites_as_they_were_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    path = tmp_path / "sites.toml"
    path.write_bytes(NEWS)
    file = SiteFile(path)
    path.write_bytes(NEWS + b"[sites.shop]\n")
    file.refresh()
    assert set(file.sites()) == {"news", "shop"}
    path.write_bytes(b"broken")
    file.refresh()
    assert set(file.sites()) == {"news", "shop"}
    assert [record.levelname for record in caplog.records if record.message == "sites_file_refused"] == ["ERROR"]
    path.unlink()
    file.refresh()
    path.write_bytes(NEWS)
    file.refresh()
    assert set(file.sites()) == {"news"}


def test_a_bucket_holds_its_burst_and_not_one_token_more():
    buckets = Buckets(10)
    assert buckets.take("a", 5, 0, rate=2, burst=5) == 0
    assert buckets.take("a", 1, 0, rate=2, burst=5) == 0.5
    assert buckets.take("b", 1, 0, rate=2, burst=5) == 0
    assert buckets.take("a", 1, 0.5, rate=2, burst=5) == 0
    assert buckets.take("a", 5, 1000, rate=2, burst=5) == 0


@pytest.mark.parametrize(("others", "remembered"), [(1, True), (2, False)])
def test_the_bucket_used_longest_ago_makes_room(others: int, remembered: bool):
    buckets = Buckets(2)
    buckets.take("a", 5, 0, rate=1, burst=5)
    for number in range(others):
        buckets.take(f"other {number}", 1, 0, rate=1, burst=5)
    assert len(buckets) == 2
    assert (buckets.take("a", 1, 0, rate=1, burst=5) > 0) == remembered
