"""The SDK's built files in; what each is served as, compressed once, and the page that lists them, out."""

import base64
import gzip
import hashlib
import html
import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import NamedTuple

IMMUTABLE = "public, max-age=31536000, immutable"
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".map": "application/json"}
_PART = re.compile(r"\.[0-9a-f]{6}\.m?js(\.map)?$")
_BANNER = re.compile(rb"/\*! Eyeshot ([0-9A-Za-z.+-]+) ")


class Asset(NamedTuple):
    """A file of the SDK in every encoding it is served in; the first is the one liked best."""

    content_type: str
    etag: str
    integrity: str
    encodings: dict[str, bytes]


Release = Mapping[str, Asset]
"""The files of one version, by name."""


class Served(NamedTuple):
    """What a request for an asset gets."""

    status: int
    body: bytes
    headers: dict[str, str]


def asset(name: str, body: bytes, brotli: bytes | None = None) -> Asset | None:
    """A built file, with the brotli of it if the build left one; None for what is not served."""
    content_type = _TYPES.get(PurePath(name).suffix)
    if content_type is None:
        return None
    encodings = {"br": brotli} if brotli else {}
    encodings |= {"gzip": gzip.compress(body, mtime=0), "identity": body}
    return Asset(
        content_type=f"{content_type}; charset=utf-8",
        etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        integrity="sha384-" + base64.b64encode(hashlib.sha384(body).digest()).decode(),
        encodings=encodings,
    )


def is_part(name: str) -> bool:
    """Whether a file is named by its content: then it is the same in every release, and never another."""
    return _PART.search(name) is not None


def version_of(body: bytes) -> str | None:
    """The version that a bundle's banner names."""
    found = _BANNER.search(body[:1024])
    return found[1].decode() if found else None


def serve(wanted: Asset, cache_control: str, accept_encoding: str, if_none_match: str) -> Served:
    """The answer in the best encoding that the client takes, or 304 if it has it already."""
    accepted = {each.strip() for each in accept_encoding.lower().split(",")}  # with ;q=0 it falls through to identity
    encoding = next((each for each in wanted.encodings if each in accepted), "identity")
    headers = {
        "content-type": wanted.content_type,
        "cache-control": cache_control,
        "etag": f"W/{wanted.etag}",  # weak: the same for all encodings
        "vary": "Accept-Encoding",
        "access-control-allow-origin": "*",  # integrity is only checked on files that may be read
        "cross-origin-resource-policy": "cross-origin",
        "x-content-type-options": "nosniff",
    }
    if wanted.etag in if_none_match:
        return Served(304, b"", headers)
    if encoding != "identity":
        headers["content-encoding"] = encoding
    return Served(200, wanted.encodings[encoding], headers)


def index(releases: Mapping[str, Release]) -> str:
    """The page that lists every version's files with the tag to paste."""
    sections = [
        f"<h2>{html.escape(version)}</h2>\n" + "".join(_entry(version, name, each) for name, each in release.items())
        for version, release in releases.items()
    ]
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Eyeshot SDK</title><h1>Eyeshot SDK</h1>\n"
        "<p>A version's files never change. <code>/sdk/&lt;file&gt;</code> is always the newest version.</p>\n"
        + "".join(sections or ["<p>The SDK is not built.</p>\n"])
    )


def _entry(version: str, name: str, each: Asset) -> str:
    if name.endswith(".map") or is_part(name):
        return ""  # nobody writes a tag for them
    kind = ' type="module"' if name.endswith(".mjs") else ""
    source = f'src="/sdk/{version}/{name}" integrity="{each.integrity}" crossorigin="anonymous"'
    tag = f"<script{kind} {source} async></script>"
    sizes = ", ".join(f"{len(body)} B {encoding}" for encoding, body in each.encodings.items())
    return f"<p>{html.escape(name)} ({sizes})<br><code>{html.escape(tag)}</code></p>\n"
