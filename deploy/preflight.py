"""Says what this machine lacks before anything is downloaded: `python3 -m deploy.preflight`. Standard library alone."""

import argparse
import sys
from pathlib import Path

from deploy import mode
from deploy.native import artefacts, disk, tools
from deploy.paths import VAR, cache


def lacking(state: Path) -> list[str]:
    """Everything that keeps the native stack from being built here."""
    return [*tools.missing(), *disk.too_small(cache(), state, fetched=artefacts.all_there(cache()))]


def main() -> int:
    """Returns 0 when the stack can be built, 1 after saying what is missing."""
    arguments = argparse.ArgumentParser(prog="python3 -m deploy.preflight")
    arguments.add_argument("--mode")
    arguments.add_argument("--state", type=Path, default=VAR / "native")
    asked = arguments.parse_args()
    try:
        chosen, _ = mode.choose(asked.mode)
    except mode.BadMode as wrong:
        print(f"preflight: {wrong}", file=sys.stderr)
        return 1
    lines = lacking(asked.state) if chosen == "native" else []
    for line in lines:
        print(f"- {line}", file=sys.stderr)
    if lines:
        print("Nothing was downloaded. Mend the above, then run it again.", file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
