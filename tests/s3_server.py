"""A real S3 server for tests: the native stack's versitygw, on a free port and in a folder of the test's own."""

import os
import secrets
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import boto3
import pytest
from botocore.config import Config

from deploy.native.artefacts import VERSITYGW
from deploy.paths import cache
from eyeshot.settings import S3

DEADLINE_SECONDS = 60
BUCKET = "lake"


@contextmanager
def running(folder: Path) -> Iterator[S3]:
    """The server with an empty bucket; where it is absent the test is skipped, in CI it fails."""
    binary = VERSITYGW.folder(cache()) / "versitygw"
    if not binary.exists():
        reason = f"no S3 server: {binary} is not there (the native stack builds it)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    settings = S3(
        endpoint=f"http://127.0.0.1:{_free_port()}",
        access_key=secrets.token_hex(8),
        secret_key=secrets.token_hex(16),
        bucket=BUCKET,
    )
    with _server(binary, folder, settings):
        client(settings).create_bucket(Bucket=BUCKET)
        yield settings


def client(settings: S3):
    """A plain client, for what the adapters may not do: delete, copy, look."""
    return boto3.client(
        "s3",
        endpoint_url=settings.endpoint,
        region_name=settings.region,
        aws_access_key_id=settings.access_key,
        aws_secret_access_key=settings.secret_key,
        config=Config(s3={"addressing_style": "path"}, proxies={}),
    )


@contextmanager
def _server(binary: Path, folder: Path, settings: S3) -> Iterator[None]:
    (folder / "root").mkdir(parents=True, exist_ok=True)
    address = settings.endpoint.removeprefix("http://")
    keys = ["--access", settings.access_key, "--secret", settings.secret_key]
    command = [str(binary), "--port", address, "--region", settings.region, *keys, "--health", "/health", "--quiet"]
    with subprocess.Popen([*command, "posix", str(folder / "root")], stdout=subprocess.DEVNULL) as process:
        try:
            _wait(f"{settings.endpoint}/health")
            yield
        finally:
            process.kill()


def _wait(url: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        try:
            with urlopen(url, timeout=1):  # noqa: S310 - a URL of ours
                return
        except (URLError, OSError):
            if time.monotonic() > deadline:
                raise
            threading.Event().wait(0.02)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
