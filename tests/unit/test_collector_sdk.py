"""The SDK's files as they are served, and the description of the interface."""

import base64
import gzip
import hashlib
import html
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.collector.assets import asset, version_of
from services.collector.settings import Collector
from services.collector.shelf import Shelf
from tests.collector import Running, run

CODE = b"/*! Eyeshot 1.2.3 \xc2\xb7 Apache-2.0 */\n" + b"track();" * 100


@pytest.fixture
def running() -> Iterator[Running]:
    with run(Collector(sdk_alias_seconds=60)) as running:
        for version in ("1.2.3", "1.2.2"):
            made = asset("eyeshot.js", CODE + version.encode(), b"brotli of it")
            assert made
            running.releases[version] = {"eyeshot.js": made}
        yield running


def test_a_version_is_served_for_ever_and_the_alias_for_a_while(running: Running):
    pinned = running.client.get("/sdk/1.2.2/eyeshot.js")
    assert (pinned.content, pinned.headers["cache-control"]) == (CODE + b"1.2.2", "public, max-age=31536000, immutable")
    newest = running.client.get("/sdk/eyeshot.js")
    assert (newest.content, newest.headers["cache-control"]) == (CODE + b"1.2.3", "public, max-age=60")
    for answer in (pinned, newest):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("identity", None), ("br;q=0, gzip;q=0", None)],
)
def test_it_is_sent_in_the_best_encoding_that_the_client_takes(running: Running, accepted: str, encoding: str | None):
    with running.client.stream("GET", "/sdk/1.2.3/eyeshot.js", headers={"Accept-Encoding": accepted}) as answer:
        body = b"".join(answer.iter_raw())
    assert answer.headers.get("content-encoding") == encoding
    assert {"br": lambda raw: raw == b"brotli of it", "gzip": lambda raw: gzip.decompress(raw) == CODE + b"1.2.3"}.get(
        encoding or "", lambda raw: raw == CODE + b"1.2.3"
    )(body)


def test_who_has_it_already_gets_304(running: Running):
    etag = running.client.get("/sdk/eyeshot.js").headers["etag"]
    again = running.client.get("/sdk/eyeshot.js", headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert running.client.get("/sdk/1.2.2/eyeshot.js", headers={"If-None-Match": etag}).status_code == 200


def test_a_part_of_any_release_is_served_for_ever_because_a_browser_may_have_kept_the_script_that_asks_for_it(
    running: Running,
):
    for version, name in (("1.2.3", "eyeshot-frames.0a1b2c.js"), ("1.2.2", "eyeshot-frames.3d4e5f.js")):
        part = asset(name, version.encode())
        assert part
        running.releases[version] = {**running.releases[version], name: part}
    for version, name in (("1.2.3", "eyeshot-frames.0a1b2c.js"), ("1.2.2", "eyeshot-frames.3d4e5f.js")):
        answer = running.client.get(f"/sdk/{name}")
        assert answer.content == version.encode()
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert name not in running.client.get("/sdk/").text
    assert running.client.get("/sdk/eyeshot-frames.ffffff.js").status_code == 404


@pytest.mark.parametrize("path", ["/sdk/none.js", "/sdk/9.9.9/eyeshot.js", "/sdk/../settings.py", "/sdk/1.2.3/%2e%2e"])
def test_what_is_not_there_is_404(running: Running, path: str):
    assert running.client.get(path).status_code == 404


def test_the_page_shows_the_tag_with_the_right_integrity(running: Running):
    page = html.unescape(running.client.get("/sdk/").text)
    digest = base64.b64encode(hashlib.sha384(CODE + b"1.2.3").digest()).decode()
    assert f'src="/sdk/1.2.3/eyeshot.js" integrity="sha384-{digest}" crossorigin="anonymous"' in page


def test_a_folder_holds_the_newest_version_and_older_ones_below_and_is_read_again(tmp_path: Path):
    shelf = Shelf(tmp_path / "dist")
    assert shelf.releases() == {}
    (tmp_path / "dist/1.0.0").mkdir(parents=True)
    (tmp_path / "dist/1.0.0/eyeshot.js").write_bytes(b"old")
    (tmp_path / "dist/eyeshot.js").write_bytes(CODE)
    (tmp_path / "dist/eyeshot.js.br").write_bytes(b"small")
    (tmp_path / "dist/eyeshot.js.map").write_bytes(b"{}")
    (tmp_path / "dist/notes.txt").write_bytes(b"not served")
    (tmp_path / "dist/types").mkdir()
    (tmp_path / "dist/types/page.d.ts").write_bytes(b"not served, and no version")
    releases = shelf.releases()
    assert {version: set(files) for version, files in releases.items()} == {
        "1.2.3": {"eyeshot.js", "eyeshot.js.map"},
        "1.0.0": {"eyeshot.js"},
    }
    assert releases["1.2.3"]["eyeshot.js"].encodings["br"] == b"small"
    assert shelf.releases() is releases
    (tmp_path / "dist/eyeshot.js").write_bytes(CODE.replace(b"1.2.3", b"1.2.4"))
    os.utime(tmp_path / "dist/eyeshot.js", (1, 1))
    assert list(shelf.releases()) == ["1.2.4", "1.0.0"]


def test_brotli_that_is_older_than_its_file_is_not_served(tmp_path: Path):
    (tmp_path / "eyeshot.js").write_bytes(CODE)
    (tmp_path / "eyeshot.js.br").write_bytes(b"of an earlier build")
    os.utime(tmp_path / "eyeshot.js.br", (1, 1))
    ((_, release),) = Shelf(tmp_path).releases().items()
    assert "br" not in release["eyeshot.js"].encodings


def test_a_bundle_without_a_banner_has_no_version():
    assert version_of(b"track();") is None


def test_the_description_names_every_answer_and_only_schemas_that_are_there(running: Running):
    described = running.client.get("/openapi.json").json()
    text = json.dumps(described)
    assert {"202", "400", "403", "408", "413", "429", "503"} <= set(
        described["paths"]["/v1/events"]["post"]["responses"]
    )
    names = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= set(described["components"]["schemas"])
    assert {"page_view_id", "pv"} <= set(described["components"]["schemas"]["Batch"]["properties"])


def test_the_description_asks_for_what_is_required_over_http(running: Running):
    schema = running.client.get("/openapi.json").json()["components"]["schemas"]["Batch"]
    assert {"anyOf": [{"required": ["sent_at"]}, {"required": ["st"]}]} in schema["allOf"]
    assert {"type": "null"} not in schema["properties"]["st"].get("anyOf", [])
    assert {"type": "null"} in schema["properties"]["page"]["anyOf"]
