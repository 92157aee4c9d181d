"""Brings a stack up: checks, downloads, starts, prepares, and waits until every part does its work."""

import time

from rich.console import Console

from deploy import health, ports, prepare
from deploy.choose import Chosen, remember
from deploy.engine import Engine
from deploy.native.fetch import fetch
from deploy.parts import PARTS
from deploy.paths import cache
from deploy.preflight import lacking
from deploy.stack import Stack


class CannotStart(Exception):
    """Something of this machine is in the way; the text holds a line for each."""


def bring_up(chosen: Chosen, console: Console) -> None:
    """Returns once every part is ready; raises CannotStart, Unhealthy, or what a part could not do."""
    stack, engine = chosen.stack, chosen.engine
    if stack.mode == "native":
        _refuse(lacking(stack.state))
    if stack.mode == "native" or not engine.running():
        _refuse(list(ports.taken(stack.ports, engine.pids())))
    if stack.mode == "native":
        took = fetch(cache(), console)
        console.print("  [green]✓[/] " + ("downloads are there" if took is None else f"downloads {took:.0f} s"))
    remember(stack)
    for line in engine.start(stack):
        console.print(f"  {line}", highlight=False)
    if stack.mode == "native":
        _prepare(stack, engine, console)
    parts = [part for part in PARTS if stack.demo or part.name != "demo"]
    health.wait(stack, engine, parts, console)


def _refuse(reasons: list[str]) -> None:
    if reasons:
        raise CannotStart("\n".join(f"- {reason}" for reason in reasons))


def _prepare(stack: Stack, engine: Engine, console: Console) -> None:
    """Topic, bucket and rights, as Compose's one-shot container makes them; then our services start."""
    started = time.monotonic()
    own = {"KAFKA_BOOTSTRAP": stack.kafka_bootstrap, "S3_ENDPOINT": stack.s3_endpoint, "S3_USERS": "versitygw"}
    for _ in prepare.prepare(prepare.settings(dict(stack.variables) | own)):
        pass
    engine.start_services()
    seconds = time.monotonic() - started
    console.print(f"  [green]✓[/] {'prepared':12} {seconds:5.1f} s   [dim]topic, bucket, S3 users[/]", highlight=False)
