"""`make promote FIELD=campaign TYPE=string`: an undeclared field becomes a column for new data."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from eyeshot.promoted import PROMOTED, TYPES, Promotion
from eyeshot.table import EVENTS, PARTITION_KEYS

FILE = Path(__file__).parent.parent / "eyeshot" / "promoted.py"
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
NEXT = """Next:
  1. make check, and commit: it is a change of the schema, as a declared field is.
  2. Restart partitioner, keeper and compactor (locally: make up). The partitioner adds the column; from then on the
     compactor fills it. A keeper that was not restarted refuses to merge files with a column it does not know.
  3. Ask the view all_events: it reads the older rows' values from extra."""


class NotPromoted(Exception):
    """The field cannot have a column; the text says why."""


def promoted_with(field: str, type_: str, there: Sequence[Promotion] = PROMOTED) -> tuple[Promotion, ...]:
    """The promotions with one more. Raises NotPromoted."""
    if not NAME.fullmatch(field):
        raise NotPromoted(f"`{field}` is no column's name: {NAME.pattern}, lower case, as the metastore keeps them")
    if type_ not in TYPES:
        raise NotPromoted(f"`{type_}` is none of {', '.join(TYPES)}")
    taken = {column.name for column in EVENTS.columns} | {each.name for each in there}
    if field in taken:
        raise NotPromoted(f"`{field}` is a column of events already")
    if field in PARTITION_KEYS:
        raise NotPromoted(f"`{field}` is a partition key, and cannot be a column too")
    return (*there, Promotion(field, type_))


def rendered(text: str, promotions: Sequence[Promotion]) -> str:
    """The module's text with these promotions."""
    head, _, _ = text.partition("PROMOTED: ")
    lines = "".join(f'    Promotion("{each.name}", "{each.type}"),\n' for each in promotions)
    return f"{head}PROMOTED: tuple[Promotion, ...] = (\n{lines})\n"


def main(arguments: list[str]) -> int:
    """Exit status: 0, or 1 after saying why the field cannot be promoted."""
    try:
        field, type_ = arguments
    except ValueError:
        print(
            "make promote FIELD=campaign TYPE=string|bigint|double; make drift shows which fields come", file=sys.stderr
        )
        return 1
    try:
        promotions = promoted_with(field, type_)
    except NotPromoted as reason:
        print(f"promote: {reason}", file=sys.stderr)
        return 1
    FILE.write_text(rendered(FILE.read_text(encoding="utf-8"), promotions), encoding="utf-8")
    print(f"{field} is a column of events, {type_}, by eyeshot/promoted.py.\n{NEXT}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
