"""What the commands need of a mode, and what they learn of each part."""

from dataclasses import dataclass
from typing import Protocol

from deploy.stack import Stack


@dataclass(frozen=True)
class Status:
    """One part as it is now; `memory` in bytes, `seconds` since its start."""

    part: str
    state: str
    pid: int | None
    seconds: int
    memory: int


class Engine(Protocol):
    """A way to run the stack."""

    def running(self) -> bool:
        """Whether anything of the stack runs under its supervisor."""
        ...

    def pids(self) -> set[int]:
        """The processes of the stack, as far as this machine shows them."""
        ...

    def start(self, stack: Stack) -> list[str]:
        """Starts what does not run as it should; returns a line for each thing out of the ordinary."""
        ...

    def start_services(self) -> None:
        """Starts our own services, once what they stand on is prepared."""
        ...

    def finish_start(self) -> None:
        """Called when every part is ready."""
        ...

    def stop(self) -> str:
        """Stops everything and makes sure of it; returns what to say."""
        ...

    def erase(self) -> None:
        """Removes all data of a stopped stack."""
        ...

    def statuses(self) -> list[Status]:
        """Every part; empty when nothing runs."""
        ...

    def pid(self, part: str) -> int | None:
        """The part's process now; None between two starts, or where it cannot be told."""
        ...

    def last_lines(self, part: str, lines: int) -> list[str]:
        """The end of the part's log."""
        ...

    def log_command(self, part: str, *, follow: bool) -> list[str]:
        """The command that shows the part's log."""
        ...
