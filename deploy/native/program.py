"""What a part of the native stack is to the supervisor and to the launcher: a program, and the steps before it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Step:
    """A command that must succeed before the program starts, tried until it does; not run again once `made` exists."""

    command: list[str]
    made: str | None = None


@dataclass(frozen=True)
class Program:
    """One process of the stack."""

    part: str
    command: list[str]
    environment: Mapping[str, str]
    before: list[Step] = field(default_factory=list)
    stop_signal: str = "TERM"
    stop_seconds: int = 20
    # Waits for the topic, the bucket and the keys to be there.
    after_prepare: bool = False
    # Changes when the program's own code does, so that a start puts the new code to work.
    code: str = ""


@dataclass(frozen=True)
class Folders:
    """Where one native stack keeps its things."""

    state: Path

    @property
    def logs(self) -> Path:
        """One log file per part."""
        return self.state / "logs"

    @property
    def run(self) -> Path:
        """What the supervisor and the launcher are told, secrets among it."""
        return self.state / "run"

    @property
    def temporary(self) -> Path:
        """The programs' TMPDIR."""
        return self.state / "tmp"

    def data(self, part: str) -> Path:
        """What a part keeps."""
        return self.state / part

    def make(self) -> None:
        """Makes the folders; nobody else may look into them."""
        for folder in (self.state, self.logs, self.run, self.temporary):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
