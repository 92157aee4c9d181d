"""The demo's two sites, without a browser."""

import re

import pytest
from starlette.testclient import TestClient

from demo.__main__ import main
from demo.app import page_site, widget_site
from demo.settings import Demo

DEMO = Demo()


@pytest.mark.parametrize("site", [page_site, widget_site])
def test_every_file_of_a_site_is_there_and_no_script_is_inline(site) -> None:
    client = TestClient(site(DEMO))
    page = client.get("/")

    own = re.findall(r'(?:src|href)="(/files/[^"]+)"', page.text)
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page.text, re.DOTALL)

    assert own
    assert {client.get(path).status_code for path in own} == {200}
    assert scripts
    assert all("src=" in attributes and not body for attributes, body in scripts)
    assert "unsafe" not in page.headers["content-security-policy"]
    assert client.get("/health/ready").status_code == 200


def test_every_tracked_link_leads_to_a_story() -> None:
    page = TestClient(page_site(DEMO))
    linked = page.get("/").text + TestClient(widget_site(DEMO)).get("/").text

    stories = re.findall(r'href="(?:http://127.0.0.1:8401)?(/story/[a-z]+)" .*?data-eyeshot-link', linked)

    assert len(stories) == 10
    assert {page.get(path).status_code for path in stories} == {200}
    assert page.get("/story/none").status_code == 404


def test_only_the_page_may_embed_the_widget() -> None:
    policy = TestClient(widget_site(DEMO)).get("/").headers["content-security-policy"]

    assert f"frame-ancestors {DEMO.page_origin}" in policy


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("DEMO_PAGE_PORT", "0", "DEMO_PAGE_PORT is `0`"),
        ("DEMO_COLLECTOR_URL", "http://127.0.0.1:8400/v1", "DEMO_COLLECTOR_URL is `http://127.0.0.1:8400/v1`"),
        ("DEMO_WIDGET_ORIGIN", "http://127.0.0.1:8401", "another origin than the page's"),
        ("DEMO_HOST", "192.0.2.1", "192.0.2.1:8401 cannot be listened on"),
    ],
)
def test_a_bad_setting_is_refused_by_name(monkeypatch, capsys, variable: str, value: str, told: str) -> None:
    monkeypatch.setenv(variable, value)

    assert main() in {1, 2}
    assert told in capsys.readouterr().err
