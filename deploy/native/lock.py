"""Writes jars.lock anew: `python -m deploy.native.lock`, after a version in a pom has changed."""

import tempfile
from pathlib import Path

from deploy.native.artefacts import NATIVE
from deploy.native.builders import hashes, resolve


def main() -> None:
    """Downloads what the poms name now, and locks it."""
    with tempfile.TemporaryDirectory() as folder:
        dist = Path(folder) / "dist"
        resolve(Path(folder) / "repository", dist, lambda _: None)
        lines = [f"{digest}  {name}\n" for name, digest in sorted(hashes(dist).items())]
    (NATIVE / "jars.lock").write_text("".join(lines))


if __name__ == "__main__":
    main()
