"""`python -m deploy.aws.lifecycle > lifecycle.json`: the bucket's lifecycle rules, of the keeper's settings for AWS."""

import json
import os
import sys

from deploy import lifecycle_rules
from deploy.paths import ROOT
from deploy.secrets import read
from eyeshot.settings import SettingError

SETTINGS = ROOT / "deploy" / "aws" / "keeper.env"


def configuration(environment: dict[str, str]) -> str:
    """The JSON that `aws s3api put-bucket-lifecycle-configuration` takes. Raises SettingError."""
    keeper = lifecycle_rules.settings(read(SETTINGS) | environment)
    return json.dumps({"Rules": lifecycle_rules.rules(keeper)}, indent=2)


def main() -> int:
    """Exit status: 0, or 1 after saying what is wrong."""
    try:
        print(configuration(dict(os.environ)))
    except SettingError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
