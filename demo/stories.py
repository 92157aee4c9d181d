"""The short stories behind the links of the article: slug → title and text."""

from typing import NamedTuple


class Story(NamedTuple):
    """What a reader finds behind a link."""

    title: str
    text: str


STORIES = {
    "pharos": Story(
        "The Pharos of Alexandria",
        "A tower of more than a hundred metres stood at the harbour of Alexandria for some fifteen centuries, until "
        "earthquakes brought it down. Several languages still call a lighthouse by its name.",
    ),
    "cordouan": Story(
        "Cordouan, 1823",
        "The lighthouse at the mouth of the Gironde carried the first of Augustin Fresnel's great lenses. It is the "
        "oldest lighthouse in France that is still at work.",
    ),
    "fresnel": Story(
        "A lens cut into rings",
        "Most of a thick lens does nothing but hold its surface up. Fresnel kept the surface, left out the glass "
        "behind it, and bent the rays that would have missed the lens back into the beam.",
    ),
    "range": Story(
        "How far is the horizon?",
        "In nautical miles, about twice the square root of your height in metres: 2.08 times, to be exact about the "
        "air's refraction. Two heights see each other across the sum of their horizons.",
    ),
    "loom": Story(
        "The loom",
        "Before the lamp itself rises, its beam is seen sweeping through the haze above the horizon. Sailors call this "
        "glow the loom, and never confuse it with the light.",
    ),
    "rhythm": Story(
        "A light's signature",
        "Fixed, flashing, occulting, isophase: charts give each light a character, so that a navigator with a watch "
        "can tell one from the next.",
    ),
    "log": Story(
        "The keeper's log",
        "What was not seen was not written down. A keeper's log is short on most nights, and that is what makes it "
        "worth reading on the others.",
    ),
    "fog": Story(
        "When the light is not enough",
        "In fog, keepers rang bells, fired guns and, later, sounded horns that were heard at five miles on a quiet "
        "night and not at one on a windy one.",
    ),
    "night": Story(
        "A night at the lamp",
        "Wind the clockwork, trim the wick, polish the glass, and look out: the watch of a keeper was four hours of "
        "small repairs to a single beam.",
    ),
    "dark": Story(
        "Why the lights go out",
        "Ships carry their own eyes now. One by one the great lamps are turned down, and what was built to be seen "
        "becomes something to visit.",
    ),
}
