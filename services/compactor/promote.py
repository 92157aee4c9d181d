"""The undeclared fields of an event and of its batch in; those that were promoted to columns, and the rest, out. Pure.

A value goes to its column only if reading it back from `extra` (view `all_events`) would give the very same; any other
stays where it was. So nothing is lost, nothing is refused, and old rows and new ones read alike.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from eyeshot.event import COUNT_MAX
from eyeshot.promoted import Promotion
from eyeshot.reading import Object

BIGINT_MAX = 2**63 - 1


class Undeclared(NamedTuple):
    """Values by column (None: there is none), and what is left of the event's own fields and of its batch's."""

    columns: Object
    own: Object
    batch: Object


def promote(own: Object, batch: Object, promotions: Sequence[Promotion]) -> Undeclared:
    """A field of the event's own counts, even when it does not fit; else its batch's."""
    columns: Object = dict.fromkeys(each.name for each in promotions)
    for promotion in promotions:
        name = promotion.name
        place = own if name in own else batch
        if name in place and _FITS[promotion.type](place[name]):
            columns[name] = place[name]
            own, batch = _without(own, name, place), _without(batch, name, place)
    return Undeclared(columns, own, batch)


def _without(fields: Object, name: str, place: Object) -> Object:
    return {key: value for key, value in fields.items() if key != name} if fields is place else fields


def _is_bigint(value: Any) -> bool:
    return type(value) is int and -BIGINT_MAX - 1 <= value <= BIGINT_MAX


def _is_double(value: Any) -> bool:
    return type(value) is float or (type(value) is int and abs(value) <= COUNT_MAX)


_FITS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: type(value) is str,
    "bigint": _is_bigint,
    "double": _is_double,
}
