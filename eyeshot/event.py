"""The one truth of the event: what a batch and an event may hold, field by field, with short names and bounds.

Everything that names a field is derived from these two structs: the TypeScript of the SDK, the JSON Schema, the
columns of the table and the table in the docs (`make generate`). Fields and bounds are those of the design, section 3.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

EVENTS_MAX = 500
PROPERTIES_MAX = 32
DEPTH_MAX = 32  # levels of objects and arrays; declared fields need four
EPOCH_MS_MAX = 253_402_300_799_999  # the last millisecond of the year 9999, the last year that SQL clients agree on
COUNT_MAX = 2**53 - 1  # what a JavaScript number counts exactly
NO_NEWLINE = r"(?!\n)"

SiteKey = Annotated[str, Meta(min_length=1, max_length=64)]
Url = Annotated[str, Meta(max_length=2048)]
EpochMs = Annotated[int, Meta(ge=0, le=EPOCH_MS_MAX)]
Count = Annotated[int, Meta(ge=0, le=COUNT_MAX)]
Scalar = Annotated[str, Meta(max_length=1024)] | int | float | bool | None


def exactly(pattern: str) -> Meta:
    """The whole string and nothing else: Python's `$` alone would let a trailing newline pass."""
    return Meta(pattern=f"^{pattern}${NO_NEWLINE}")


def about(description: str, *, short: str) -> Meta:
    """What the docs say of a field, and the name it has on the wire."""
    return Meta(description=description, extra={"short": short})


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing a person saw or did. Times are epoch milliseconds of the client's clock."""

    event_type: Annotated[
        str,
        exactly("[a-z][a-z0-9_]{0,63}"),
        about(
            "`link_impression`, `widget_impression`, `link_click`, `page_end` (its `sequence` is how many came before)"
            ", or a name of your own",
            short="et",
        ),
    ]
    timestamp: Annotated[EpochMs, about("When it happened: epoch ms, client clock", short="ts")]
    link: Annotated[Url | None, about("The link's address", short="l")] = None
    label: Annotated[
        Annotated[str, Meta(max_length=256)] | None,
        about("The publisher's name for the link", short="lb"),
    ] = None
    placement: Annotated[
        Annotated[str, exactly("(inline|widget)")] | None,
        about("`inline` (in the page's text) or `widget`", short="pl"),
    ] = None
    widget: Annotated[Annotated[str, Meta(max_length=64)] | None, about("The widget's id", short="w")] = None
    visible_ratio: Annotated[
        Annotated[float, Meta(ge=0, le=1)] | None,
        about("Share of the area that was visible, 0…1", short="vr"),
    ] = None
    visible_ms: Annotated[
        Count | None, about("How long it was visible in this page view until then, ms", short="vd")
    ] = None
    quality: Annotated[
        Annotated[int, Meta(ge=0, le=2**31 - 1)] | None,
        about("Bit set of doubts, see the table of quality bits", short="q"),
    ] = None
    properties: Annotated[
        Annotated[
            dict[Annotated[str, Meta(min_length=1, max_length=64)], Scalar],
            Meta(max_length=PROPERTIES_MAX),
        ]
        | None,
        about("Fields of your own: an object of string → scalar", short="x"),
    ] = None


class Head(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields that all events of a batch share."""

    site: Annotated[SiteKey, about("Public site key", short="s")]
    page: Annotated[
        Url | None,
        about("URL of the publisher's page, without its query string", short="p"),
    ] = None
    referrer: Annotated[Url | None, about("URL the reader came from", short="r")] = None
    page_view_id: Annotated[
        Annotated[str, exactly("[A-Za-z0-9_-]{22}")] | None,
        about(
            "One per page view, shared by page and widgets: 128 random bits, base64url",
            short="pv",
        ),
    ] = None
    source: Annotated[
        Annotated[str, exactly("(page|widget[0-9]{1,4})")] | None,
        about(
            "Which SDK instance counts the sequence: `page`, or `widget` and its frame number",
            short="so",
        ),
    ] = None
    sequence: Annotated[
        Count | None,
        about("Number of the batch's first event within (page view, source)", short="n"),
    ] = None
    sent_at: Annotated[
        EpochMs | None,
        about("When the batch was sent: epoch ms, client clock", short="st"),
    ] = None
    sdk: Annotated[Annotated[str, Meta(max_length=32)] | None, about("SDK version", short="v")] = None
    viewport: Annotated[
        Annotated[
            list[Annotated[int, Meta(ge=0, le=2**31 - 1)]],
            Meta(min_length=2, max_length=2),
        ]
        | None,
        about("[width, height] of the viewport, CSS px", short="vp"),
    ] = None


class Batch(Head, frozen=True, kw_only=True, omit_defaults=True):
    """What one SDK instance posts at once: the fields its events share, and the events."""

    events: Annotated[
        Annotated[list[Event], Meta(min_length=1, max_length=EVENTS_MAX)],
        about("The events, 1…500", short="e"),
    ]


IMPRESSION_TYPES = ("link_impression", "widget_impression")
"""What counts as seen."""

SDK_EVENT_TYPES = (*IMPRESSION_TYPES, "link_click")
"""What the SDK itself counts; anybody may send others."""

IDENTITY = ("page_view_id", "source", "sequence")
"""Together they name an event for ever; a resent batch carries the same ones."""

QUALITY_BITS = {
    "occlusion_unknown": (
        1,
        "Whether something covered the element could not be sampled",
    ),
    "pinch_zoomed": (2, "The reader had zoomed in with two fingers"),
    "no_focus": (4, "The tab was visible but did not have the focus"),
    "late_timer": (8, "A timer fired late, and the gap was not credited"),
    "unauthenticated_frame": (
        16,
        "The widget reported alone: no page SDK answered its handshake",
    ),
    "fallback": (32, "The browser could not tell what is in view: it was measured while the page was scrolled"),
}
