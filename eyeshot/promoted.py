"""Fields that became columns after the fact. `make promote FIELD=campaign TYPE=string` writes the last lines.

A field that is declared in event.py later keeps its line, with the same type: its older values are in `extra` for ever.
"""

from typing import NamedTuple

TYPES = ("string", "bigint", "double")


class Promotion(NamedTuple):
    """A field that nobody declared, whose values have a column of their own from now on."""

    name: str
    type: str  # one of TYPES


PROMOTED: tuple[Promotion, ...] = ()
