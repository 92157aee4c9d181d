"""`python -m deploy.aws.policies example-eyeshot-lake FOLDER`: an IAM policy for each user of the bucket, as files."""

import json
import sys
from pathlib import Path

from deploy.rights import RIGHTS, user_policy


def policies(bucket: str) -> dict[str, str]:
    """File name → the policy's JSON: the same rights as in the local stack."""
    return {f"{right.user}.json": json.dumps(user_policy(right.user, bucket), indent=2) + "\n" for right in RIGHTS}


def main(arguments: list[str]) -> int:
    """Exit status: 0, or 1 after saying what is missing."""
    try:
        bucket, folder = arguments
    except ValueError:
        print("python -m deploy.aws.policies BUCKET FOLDER", file=sys.stderr)
        return 1
    for name, text in policies(bucket).items():
        (Path(folder) / name).write_text(text, encoding="utf-8")
        print(Path(folder) / name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
