"""Put the audit together and run it: `python -m services.audit [--deep]`."""

import argparse
import os
import sys
import time

from eyeshot import logs
from eyeshot.settings import SettingError, load
from services.audit.app import Audit, LakeUnavailable
from services.audit.files import ParquetFiles
from services.audit.report import render
from services.audit.settings import AuditSettings
from services.audit.store import S3Lake


def main() -> int:
    """Exit status: 0 when everything is proved, 1 when there are faults, 2 when it could not be looked at."""
    parser = argparse.ArgumentParser(prog="audit", description="Prove that every offset is present exactly once.")
    parser.add_argument("--deep", action="store_true", help="read the coordinates of every row too")
    read_rows = parser.parse_args().deep
    try:
        settings = load(AuditSettings, os.environ)
        logs.configure("audit", settings.log.level)
        lake = S3Lake(settings.s3)
        audit = Audit(
            lake=lake,
            parquet=ParquetFiles(lake.read),
            settings=settings.audit,
            monotonic=time.monotonic,
            pause=time.sleep,
        )
        report = audit.run(read_rows=read_rows)
    except (SettingError, LakeUnavailable) as error:
        print(f"audit: {error}", file=sys.stderr)
        return 2
    print(render(report))
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
