"""Repeat an attempt until it succeeds or a deadline passes, saying once what is being waited for."""

import time
from collections.abc import Callable
from typing import TypeVar

POLL_SECONDS = 0.2
SAY_AFTER_SECONDS = 2.0

T = TypeVar("T")


class GaveUp(Exception):
    """A part did not become usable in time; the text names it and its last refusal."""


def until(
    what: str,
    attempt: Callable[[], T],
    seconds: float,
    refusals: type[Exception] | tuple[type[Exception], ...],
) -> T:
    """Returns the first result of `attempt` that is no refusal.

    Raises GaveUp with the last refusal once `seconds` have passed.
    """
    started = time.monotonic()
    said = False
    while True:
        try:
            return attempt()
        except refusals as refusal:
            waited = time.monotonic() - started
            if waited > seconds:
                raise GaveUp(
                    f"{what} did not answer within {seconds:.0f} s: {refusal or type(refusal).__name__}"
                ) from refusal
            if waited > SAY_AFTER_SECONDS and not said:
                print(
                    f"waiting for {what}: {refusal or type(refusal).__name__}",
                    flush=True,
                )
                said = True
            time.sleep(POLL_SECONDS)
