"""A real browser reads a page: what it saw and which page view it was."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.native import tools
from deploy.paths import ROOT

READER = ROOT / "demo" / "read.mjs"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
READ_SECONDS = 120
NO_BROWSER_STATUS = 3


class NoBrowser(Exception):
    """There is no Chromium here, or nothing to drive it with; the text says what is missing and how to get it."""


class ReadFailed(Exception):
    """The browser did not get through the page; the text is what it said."""


@dataclass(frozen=True)
class Reading:
    """One page view; times in epoch milliseconds."""

    page_view_id: str
    seen: list[dict[str, object]]
    started_at_ms: int
    left_at_ms: int


def chromium() -> str:
    """The browser's path; raises NoBrowser."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if not found:
        raise NoBrowser("no Chromium is installed (apt-get install chromium, or set CHROMIUM to its path)")
    if not tools.find("node"):
        raise NoBrowser("no Node.js is installed to drive Chromium with (apt-get install nodejs)")
    return found


def read(page: str, screenshot: Path | None = None) -> Reading:
    """Opens the page, reads it to its end and leaves; raises NoBrowser or ReadFailed."""
    command = ["node", str(READER), "--page", page, "--chromium", chromium(), "--json"]
    if screenshot is not None:
        screenshot.parent.mkdir(parents=True, exist_ok=True)
        command += ["--screenshot", str(screenshot)]
    try:
        ran = subprocess.run(command, check=False, capture_output=True, text=True, timeout=READ_SECONDS)
    except subprocess.TimeoutExpired as late:
        raise ReadFailed(f"Chromium did not get through {page} in {READ_SECONDS} s") from late
    if ran.returncode == NO_BROWSER_STATUS:
        raise NoBrowser(ran.stderr.strip())
    if ran.returncode:
        raise ReadFailed(f"Chromium did not get through {page}:\n{(ran.stderr or ran.stdout).strip()[-2000:]}")
    told = json.loads(ran.stdout.splitlines()[-1])
    return Reading(told["page_view_id"], told["seen"], told["started_at_ms"], told["left_at_ms"])
