"""The store's address and key in, a client for it out: built in one place, so that all of them speak alike."""

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from eyeshot.settings import S3

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def connect(
    settings: S3, *, attempts: int, connect_seconds: float, read_seconds: float, connections: int = 10
) -> "S3Client":
    """A client that asks at most so many times, and sends no checksum that S3's lookalikes do not know."""
    return boto3.client(
        "s3",
        endpoint_url=settings.endpoint,
        region_name=settings.region,
        aws_access_key_id=settings.access_key,
        aws_secret_access_key=settings.secret_key,
        config=Config(
            connect_timeout=connect_seconds,
            read_timeout=read_seconds,
            retries={"total_max_attempts": attempts, "mode": "standard"},
            max_pool_connections=connections,
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
