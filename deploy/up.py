"""Brings a stack up: checks, downloads, starts, prepares, and waits until every part does its work."""

import time

from rich.console import Console

from deploy import health, ports, prepare
from deploy.choose import Chosen, remember
from deploy.engine import Engine
from deploy.native.fetch import fetch
from deploy.parts import NEEDED_TO_PREPARE, PARTS
from deploy.paths import cache
from deploy.preflight import lacking
from deploy.service_environments import environments
from deploy.stack import HOST, Stack


class CannotStart(Exception):
    """Something of this machine is in the way; the text holds a line for each."""


def bring_up(chosen: Chosen, console: Console) -> None:
    """Returns once every part is ready; raises CannotStart, Unhealthy, SettingError, or what a part could not do."""
    stack, engine = chosen.stack, chosen.engine
    environments(stack)  # a bad setting is refused before anything is downloaded or started
    native = stack.mode == "native"
    if native:
        _refuse(lacking(stack.state))
    if native or not engine.running():
        _refuse(list(ports.taken(stack.ports, engine.pids())))
    if native:
        took = fetch(cache(), console)
        console.print("  [green]✓[/] downloads " + ("are there" if took is None else f"took {took:.0f} s"))
    remember(stack)
    started = time.monotonic()
    for line in engine.start(stack):
        console.print(f"  {line}", highlight=False)
    parts = [part for part in PARTS if stack.demo or part.name != "demo"]
    first = [part for part in parts if part.name in NEEDED_TO_PREPARE]
    health.wait(stack, engine, first, console, started)
    if native:
        _prepare(stack, engine, console, started)
    health.wait(stack, engine, [part for part in parts if part not in first], console, started)
    engine.finish_start()


def _refuse(reasons: list[str]) -> None:
    if reasons:
        raise CannotStart("\n".join(f"- {reason}" for reason in reasons))


def _prepare(stack: Stack, engine: Engine, console: Console, started: float) -> None:
    """Topic, bucket and rights, as Compose's one-shot container makes them; then our services start."""
    own = {"KAFKA_BOOTSTRAP": stack.kafka_bootstrap, "S3_ENDPOINT": stack.s3_endpoint, "S3_USERS": "versitygw"}
    own |= {"POSTGRES_ADDRESS": f"{HOST}:{stack.ports['POSTGRES_PORT']}"}
    made = list(prepare.prepare(prepare.settings(dict(stack.variables) | own)))
    engine.start_services()
    health.say(console, "prepared", started, "; ".join(made))
