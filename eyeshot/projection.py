"""A table whose days nobody registers: what Athena, and Trino's Hive connector, need to know to compute them."""

from eyeshot.table import PARTITION_KEYS

FIRST_YEAR, LAST_YEAR = 2025, 2040


def projection(table: str, bucket: str, first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR) -> dict[str, str]:
    """The table's parameters. Every day of those years is taken to lie where a compactor puts it, and nowhere else."""
    ranges = {"year": (first_year, last_year, 4), "month": (1, 12, 2), "day": (1, 31, 2)}
    parameters = {"projection.enabled": "true"}
    for key in PARTITION_KEYS:
        first, last, digits = ranges[key]
        parameters[f"projection.{key}.type"] = "integer"
        parameters[f"projection.{key}.range"] = f"{first},{last}"
        parameters[f"projection.{key}.digits"] = str(digits)
    folders = "".join(f"{key}=${{{key}}}/" for key in PARTITION_KEYS)
    return parameters | {"storage.location.template": f"s3://{bucket}/{table}/{folders}"}
