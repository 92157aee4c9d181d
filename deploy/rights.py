"""Who may do what in which bucket: two tables in, bucket policies (versitygw) or users' policies (MinIO) out."""

from dataclasses import dataclass

from eyeshot.table import DATA_PREFIXES, REWRITTEN_PREFIX
from eyeshot.tier import TIERS, Tier, bucket_of

Policy = dict[str, object]

_READ = ("s3:GetObject",)
_WRITE = ("s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")
_DELETE = ("s3:DeleteObject",)
_EVERYTHING = ("_log/", *DATA_PREFIXES)


@dataclass(frozen=True)
class Grant:
    """Actions on the objects whose keys begin with one of these; an empty beginning is the whole bucket."""

    actions: tuple[str, ...]
    under: tuple[str, ...]


@dataclass(frozen=True)
class Right:
    """What one S3 user may do with objects, what it may list, and what with the bucket itself."""

    user: str
    on_objects: tuple[Grant, ...]
    list_under: tuple[str, ...]
    on_bucket: tuple[str, ...] = ()


RIGHTS = (
    Right(
        "compactor",
        (Grant(_READ + _WRITE, ("",)),),
        ("",),
        ("s3:ListBucketMultipartUploads", "s3:GetBucketLocation"),
    ),
    Right(
        "keeper",
        (
            Grant(_READ, _EVERYTHING),
            Grant(_WRITE, ("_log/", REWRITTEN_PREFIX)),
            Grant(_DELETE, (REWRITTEN_PREFIX,)),  # its own rewritings; what a compactor wrote stays
        ),
        ("",),
    ),
    Right(
        "partitioner",
        (
            Grant(_READ, ("_log/",)),
            Grant(_DELETE, DATA_PREFIXES),  # files that were replaced; it reads none and writes nothing
        ),
        ("",),
    ),
    Right("rollup", (Grant(_READ, ("_log/",)),), ("_log/",)),
    Right("trino", (Grant(_READ, DATA_PREFIXES),), DATA_PREFIXES),
    Right("auditor", (Grant(_READ, _EVERYTHING),), ("",)),
)


# In the buckets of the colder tiers there are rewritings alone, and the compactor has nothing to do there.
COLDER_RIGHTS = (
    Right(
        "keeper",
        (Grant(_READ + _WRITE + _DELETE, (REWRITTEN_PREFIX,)),),
        ("",),
        ("s3:ListBucketMultipartUploads",),  # it aborts those of dead keepers; in the hot bucket compactors do
    ),
    Right("partitioner", (Grant(_DELETE, (REWRITTEN_PREFIX,)),), ("",)),
    Right("trino", (Grant(_READ, (REWRITTEN_PREFIX,)),), (REWRITTEN_PREFIX,)),
    Right("auditor", (Grant(_READ, (REWRITTEN_PREFIX,)),), ("",)),
)


def rights(tier: Tier) -> tuple[Right, ...]:
    """Who may do what in the bucket of a tier."""
    return RIGHTS if tier == "hot" else COLDER_RIGHTS


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
    objects: list[Policy] = [
        {
            "Effect": "Allow",
            "Action": list(grant.actions),
            "Resource": [f"{bucket_arn}/{prefix}*" for prefix in grant.under],
        }
        for grant in right.on_objects
    ]
    statements = [listing, *objects]
    if right.on_bucket:
        statements.append(
            {
                "Effect": "Allow",
                "Action": list(right.on_bucket),
                "Resource": [bucket_arn],
            }
        )
    return statements


def user_policy(user: str, bucket: str) -> Policy:
    """The policy to attach to one user of MinIO; `bucket` is the lake's own."""
    statements = [
        statement
        for tier in TIERS
        for right in rights(tier)
        if right.user == user
        for statement in _statements(right, bucket_of(tier, bucket))
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def bucket_policy(access_keys: dict[str, str], bucket: str, tier: Tier = "hot") -> Policy:
    """The policy of a tier's bucket, every user of its table named by its access key id in `access_keys`."""
    statements = [
        {**statement, "Principal": {"AWS": [access_keys[right.user]]}}
        for right in rights(tier)
        for statement in _statements(right, bucket_of(tier, bucket))
    ]
    return {"Version": "2012-10-17", "Statement": statements}
