"""No deadline per example: a busy machine is no failure."""

from hypothesis import settings

settings.register_profile("eyeshot", deadline=None)
settings.load_profile("eyeshot")
