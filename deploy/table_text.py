"""Rows in, text out: a table when it fits the width, else one line per value."""

import shutil
import sys
from collections.abc import Sequence

NO_TERMINAL_WIDTH = 200


def width() -> int:
    """How many characters fit in a line of the output."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else NO_TERMINAL_WIDTH


def render(columns: Sequence[str], rows: Sequence[Sequence[object]], line_width: int) -> str:
    """The rows as people read them."""
    texts = [[_text(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *texts, strict=True)]
    if sum(widths) + 3 * (len(widths) - 1) > line_width and texts:
        return "\n\n".join(vertical(columns, row) for row in texts)
    numeric = [bool(rows) and all(isinstance(row[i], int | float | None) for row in rows) for i in range(len(columns))]
    lines = [columns, ["─" * each for each in widths], *texts]
    return "\n".join(_line(line, widths, numeric) for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    padded = (
        cell.rjust(width) if right else cell.ljust(width)
        for cell, width, right in zip(cells, widths, numeric, strict=True)
    )
    return "   ".join(padded).rstrip()


def vertical(columns: Sequence[str], row: Sequence[object]) -> str:
    """One row, a line per column."""
    longest = max(map(len, columns))
    return "\n".join(f"{name.ljust(longest)}   {_text(value)}" for name, value in zip(columns, row, strict=True))


def _text(value: object) -> str:
    return "NULL" if value is None else str(value)
