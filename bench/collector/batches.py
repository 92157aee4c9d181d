"""A file out: the head of a browser's request, and batches of 20 events as pages of many sites would send them."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec

from bench.events import BATCH_EVENTS_MAX, collected_batches

EVENTS = BATCH_EVENTS_MAX
DIFFERENT = 500
PAGE_VIEW = "0" * 22  # the load puts a number of its own here, so that every batch has a key of its own

# What Chromium sends with a beacon.
HEAD = "\r\n".join(
    [
        "POST /v1/events HTTP/1.1",
        "Host: collect.news.example",
        "Connection: keep-alive",
        "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0"
        " Safari/537.36",
        "Content-Type: text/plain;charset=UTF-8",
        "Accept: */*",
        "Origin: https://news.example",
        "Sec-Fetch-Site: same-site",
        "Sec-Fetch-Mode: no-cors",
        "Sec-Fetch-Dest: empty",
        "Referer: https://news.example/",
        "Accept-Encoding: gzip, deflate, br, zstd",
        "Accept-Language: en-GB,en;q=0.9",
        "",
    ]
)


def write(file: Path) -> None:
    """Write them as the load reads them."""
    file.write_bytes(msgspec.json.encode({"head": HEAD, "bodies": list(islice(_bodies(), DIFFERENT))}))


def _bodies() -> Iterator[str]:
    for record in collected_batches(DIFFERENT * EVENTS):
        batch = msgspec.json.decode(record.value)["batch"]
        yield msgspec.json.encode(batch | {"s": "demo", "pv": PAGE_VIEW}).decode()
