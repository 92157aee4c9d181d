"""Who may do what in the bucket: one table in, a bucket policy (versitygw) or a user's policy (MinIO) out."""

from dataclasses import dataclass

Policy = dict[str, object]

_READ = ("s3:GetObject",)
_WRITE = ("s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")


@dataclass(frozen=True)
class Right:
    """What one S3 user may do; keys are prefixes of object keys, and an empty prefix is the whole bucket."""

    user: str
    on_objects: tuple[str, ...]
    under: tuple[str, ...]
    list_under: tuple[str, ...]
    on_bucket: tuple[str, ...] = ()


RIGHTS = (
    # Nobody deletes: a data file that is there once stays.
    Right(
        "compactor",
        _READ + _WRITE,
        ("",),
        ("",),
        ("s3:ListBucketMultipartUploads", "s3:GetBucketLocation"),
    ),
    Right("partitioner", _READ, ("_log/",), ("",)),
    Right("trino", _READ, ("events/", "rejected/"), ("events/", "rejected/")),
    Right("auditor", _READ, ("_log/", "events/", "rejected/"), ("",)),
)


def _statements(right: Right, bucket: str) -> list[Policy]:
    """The statements for one user, without the principal."""
    bucket_arn = f"arn:aws:s3:::{bucket}"
    listing: Policy = {
        "Effect": "Allow",
        "Action": ["s3:ListBucket"],
        "Resource": [bucket_arn],
    }
    if "" not in right.list_under:
        listing["Condition"] = {"StringLike": {"s3:prefix": [f"{prefix}*" for prefix in right.list_under]}}
    objects: Policy = {
        "Effect": "Allow",
        "Action": list(right.on_objects),
        "Resource": [f"{bucket_arn}/{prefix}*" for prefix in right.under],
    }
    statements = [listing, objects]
    if right.on_bucket:
        statements.append(
            {
                "Effect": "Allow",
                "Action": list(right.on_bucket),
                "Resource": [bucket_arn],
            }
        )
    return statements


def user_policy(right: Right, bucket: str) -> Policy:
    """The policy to attach to one user of MinIO."""
    return {"Version": "2012-10-17", "Statement": _statements(right, bucket)}


def bucket_policy(access_keys: dict[str, str], bucket: str) -> Policy:
    """The policy of the bucket, every user of the table named by its access key id in `access_keys`."""
    statements = [
        {**statement, "Principal": {"AWS": [access_keys[right.user]]}}
        for right in RIGHTS
        for statement in _statements(right, bucket)
    ]
    return {"Version": "2012-10-17", "Statement": statements}
