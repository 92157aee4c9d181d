"""Write every generated file; with --check write nothing, name the stale ones and exit 1."""

import sys
from pathlib import Path

from generate import configuration, event_docs, json_schema, sdk_options, table_ddl, typescript

ROOT = Path(__file__).parent.parent

OUTPUTS = {
    "sdk/src/event.ts": typescript.render,
    "docs/schema/batch.schema.json": json_schema.render,
    "docs/schema/tables.sql": table_ddl.render_hive,
    "docs/schema/projection.sql": table_ddl.render_projection,
    "docs/schema/tables.arrow.txt": table_ddl.render_arrow,
    "docs/event.md": event_docs.render,
    "docs/configuration.md": configuration.render,
    "docs/sdk-configuration.md": sdk_options.render,
}


def main(arguments: list[str]) -> int:
    """Exit status: 0, or 1 when --check finds a stale file."""
    stale = [path for path, render in OUTPUTS.items() if not _is_fresh(ROOT / path, render())]
    if "--check" in arguments:
        for path in stale:
            print(f"{path} is stale: run `make generate`", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(OUTPUTS[path](), encoding="utf-8")
        print(f"wrote {path}")
    return 0


def _is_fresh(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
