"""What bench.compactor.place tells a program of itself in the environment, read there."""

import os

import msgspec

from eyeshot.settings import S3, Kafka, load


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """The topic to read and the bucket to write."""

    kafka: Kafka
    s3: S3


def surroundings() -> Surroundings:
    """Those of this process."""
    return load(Surroundings, os.environ)
