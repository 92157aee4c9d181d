"""The stack that a command is about, from the command line, the environment and what the last start left."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy import mode, ports, secrets
from deploy.compose import Compose
from deploy.engine import Engine
from deploy.native.engine import Native
from deploy.paths import ROOT, VAR
from deploy.stack import Stack

LAST_MODE = VAR / "mode"


class NotStarted(Exception):
    """There is no stack to do this with."""


@dataclass(frozen=True)
class Asked:
    """What the command line says about the stack."""

    mode: str | None = None
    state: Path | None = None
    free_ports: bool = False
    demo: bool = True


@dataclass(frozen=True)
class Chosen:
    """A stack, the engine that runs it, and why it is this one."""

    stack: Stack
    engine: Engine
    reason: str


def to_start(asked: Asked) -> Chosen:
    """The stack to start: its secrets exist afterwards, its ports are those of a running one or chosen now."""
    name, reason = ("native", "it has its own state folder") if asked.state else mode.choose(asked.mode)
    state, file = _places(asked, name)
    variables = secrets.ensure(file) | dict(os.environ)
    chosen = ports.from_environment(variables, _defaults(asked, name, state, file))
    stack = Stack(name, state, file, chosen, variables, asked.demo)
    return Chosen(stack, _engine(name, state, file, chosen), reason)


def _defaults(asked: Asked, name: str, state: Path, file: Path) -> Mapping[str, int]:
    """The ports that the stack has already, or else free ones where those were asked for."""
    used = ports.saved(state / "ports.json")
    if used and (asked.free_ports or _engine(name, state, file, used).running()):
        return used
    return ports.free() if asked.free_ports else ports.DEFAULTS


def started(asked: Asked) -> Chosen:
    """The stack that was started last; raises NotStarted when there is none."""
    last = LAST_MODE.read_text().strip() if LAST_MODE.exists() else None
    name = "native" if asked.state else asked.mode or os.environ.get("MODE") or last
    if name is None:
        raise NotStarted("no stack was started here: make up")
    state, file = _places(asked, name)
    used = ports.saved(state / "ports.json")
    if used is None:
        raise NotStarted(f"no {name} stack was started here: make up")
    stack = Stack(name, state, file, used, secrets.read(file) | dict(os.environ), asked.demo)
    return Chosen(stack, _engine(name, state, file, used), "it was started last")


def remember(stack: Stack) -> None:
    """Lets later commands find this stack."""
    ports.save(stack.state / "ports.json", stack.ports)
    if stack.state.parent == VAR and stack.state.name in mode.MODES:
        LAST_MODE.write_text(f"{stack.mode}\n")


def forget(stack: Stack) -> None:
    """Leaves nothing by which later commands would look for this stack."""
    shutil.rmtree(stack.state, ignore_errors=True)
    if stack.state.parent == VAR and LAST_MODE.exists() and LAST_MODE.read_text().strip() == stack.mode:
        LAST_MODE.unlink()


def _places(asked: Asked, name: str) -> tuple[Path, Path]:
    """The state folder and the environment file: a stack with a folder of its own has secrets of its own."""
    if asked.state:
        state = asked.state.resolve()
        return state, state / ".env"
    return VAR / name, ROOT / ".env"


def _engine(name: str, state: Path, file: Path, used: dict[str, int]) -> Engine:
    return Native(state) if name == "native" else Compose(file, used)
