"""The commands, each from what was asked for to an exit status."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass

from rich.console import Console

from deploy import audit, browser, choose, demo, drift, erase, first_impression, lifecycle, repair, sql
from deploy.choose import Asked, Chosen
from deploy.parts import NAMES, PARTS
from deploy.probe import NotReady
from deploy.stack import Stack
from deploy.table_text import render, vertical, width
from deploy.up import bring_up


class BadCommand(Exception):
    """The command line asks for something that is not there; the text says what there is."""


@dataclass(frozen=True)
class Call:
    """One command with everything that was said with it."""

    asked: Asked
    argument: str | None
    yes: bool
    console: Console
    erasing: tuple[str, ...] = ()
    apply: bool = False


def up(call: Call) -> int:
    """Starts the stack, sends one impression through it and prints it, then the addresses."""
    started = time.monotonic()
    chosen = choose.to_start(call.asked)
    call.console.print(f"[bold]Eyeshot, {chosen.stack.mode}[/]: {chosen.reason}", highlight=False)
    bring_up(chosen, call.console)
    _first_impression(chosen.stack, call.console)
    _addresses(chosen.stack, call.console)
    call.console.print(
        f"\nUp after {time.monotonic() - started:.0f} s. Next: make demo, make sql, make status, make down"
    )
    return 0


def ready(call: Call) -> int:
    """Starts the stack and no more: what tests stand on."""
    chosen = choose.to_start(call.asked)
    bring_up(chosen, call.console)
    return 0


def _first_impression(stack: Stack, console: Console) -> None:
    console.print("\n[bold]The first impression[/]")
    try:
        if not stack.demo:
            raise browser.NoBrowser("the demo page is left out")
        reading = browser.read(stack.page_url)
        how = "from a headless Chromium on the demo page"
    except browser.NoBrowser as reason:
        reading = first_impression.by_http(stack)
        how = f"as one batch over HTTP: {reason}"
    row, seconds = first_impression.row(stack, reading)
    console.print(f"  sent {how}; {seconds:.1f} s later Trino gives it back:\n", highlight=False, soft_wrap=True)
    known = {name: value for name, value in row.items() if value is not None}
    text = vertical(list(known), list(known.values()))
    print("\n".join(f"    {line}" for line in text.splitlines()))


def _addresses(stack: Stack, console: Console) -> None:
    collector, ports = stack.collector_url, stack.ports
    addresses = {
        "demo page": stack.page_url if stack.demo else "left out",
        "collector": f"{collector}/v1/events   metrics: {collector}/metrics",
        "SQL (Trino)": f"http://127.0.0.1:{ports['TRINO_PORT']}   any user name, catalog lake, schema eyeshot",
        "S3": f"{stack.s3_endpoint}   bucket {stack.bucket}, keys in {stack.environment_file}",
        "Kafka": f"{stack.kafka_bootstrap}   topic {stack.topic}, user producer, password in {stack.environment_file}",
        "PostgreSQL": f"127.0.0.1:{ports['POSTGRES_PORT']}   database eyeshot_app, table eyeshot.rollup",
        "metrics": ", ".join(
            f"http://127.0.0.1:{ports[f'{name}_PORT']}/metrics"
            for name in ("COMPACTOR", "PARTITIONER", "KEEPER", "ROLLUP")
        ),
    }
    console.print("\n[bold]Addresses[/]")
    for name, address in addresses.items():
        console.print(f"  {name:12} {address}", highlight=False, soft_wrap=True)


def down(call: Call) -> int:
    """Stops the stack and says that nothing of it is left running."""
    print(choose.started(call.asked).engine.stop())
    return 0


def status(call: Call) -> int:
    """A line per part; exit status 1 unless all of them are healthy."""
    chosen = choose.started(call.asked)
    statuses = {each.part: each for each in chosen.engine.statuses()}
    if not statuses:
        print(f"nothing of the {chosen.stack.mode} stack is running: make up")
        return 1
    rows, healthy = [], True
    for part in (part for part in PARTS if part.name in statuses):
        there = statuses[part.name]
        health = _health(chosen, part.name)
        healthy = healthy and health == "healthy"
        memory = f"{there.memory / 1_000_000:,.0f} MB"
        rows.append([part.name, there.state, there.pid or "", _duration(there.seconds), health, memory])
    total = sum(each.memory for each in statuses.values())
    print(render(["part", "state", "pid", "up", "health", "memory"], rows, width()))
    print(f"\n{chosen.stack.mode}, memory in all {total / 1_000_000:,.0f} MB (PSS: what processes share counts once)")
    return 0 if healthy else 1


def _health(chosen: Chosen, name: str) -> str:
    part = next(part for part in PARTS if part.name == name)
    try:
        part.probe(chosen.stack)
    except NotReady as reason:
        return f"not ready: {str(reason).splitlines()[0][:80]}"
    return "healthy"


def _duration(seconds: int) -> str:
    minutes, left = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {left:02} s" if minutes else f"{left} s"


def logs(call: Call) -> int:
    """Shows one part's log, on a terminal until Ctrl-C."""
    if call.argument not in NAMES:
        raise BadCommand(f"which part? make logs S=<one of {', '.join(NAMES)}>")
    command = choose.started(call.asked).engine.log_command(call.argument, follow=sys.stdout.isatty())
    try:
        return subprocess.run(command, check=False).returncode
    except KeyboardInterrupt:
        return 0


def reset(call: Call) -> int:
    """Stops the stack and removes its data, after a question."""
    chosen = choose.started(call.asked)
    if (
        not call.yes
        and input(f"Remove all data of the {chosen.stack.mode} stack in {chosen.stack.state}? [yes/no] ") != "yes"
    ):
        print("nothing was removed")
        return 1
    print(chosen.engine.stop())
    chosen.engine.erase()
    choose.forget(chosen.stack)
    print("its data is gone; secrets and downloads stay")
    return 0


def query(call: Call) -> int:
    """One statement, or a prompt."""
    stack = choose.started(call.asked).stack
    statement = call.argument or os.environ.get("STATEMENT")
    return sql.run(stack, statement) if statement else sql.prompt(stack)


def prove(call: Call) -> int:
    """Every offset is in the lake exactly once, or what is not; `deep` reads the rows too."""
    if call.argument not in {None, "deep"}:
        raise BadCommand("the audit knows one word more: make audit DEEP=1")
    return audit.run(choose.started(call.asked).stack, deep=call.argument == "deep")


def erase_rows(call: Call) -> int:
    """Says which rows there are to erase; with `--apply` erases them."""
    return erase.run(choose.started(call.asked).stack, call.erasing)


def compare(call: Call) -> int:
    """Says how log, data and metastore differ; with `--apply` mends the metastore."""
    return repair.run(choose.started(call.asked).stack, apply=call.apply)


def show_drift(call: Call) -> int:
    """The fields that nobody declared, of one day or the last seven."""
    return drift.run(choose.started(call.asked).stack, call.argument)


def show_tiers(call: Call) -> int:
    """What lies in which tier, what moves next, and the store's own rules."""
    return lifecycle.run(choose.started(call.asked).stack)


def show_demo(call: Call) -> int:
    """A real browser, the rows it made, a picture of the page."""
    demo.run(choose.started(call.asked).stack, call.console)
    return 0


COMMANDS = {
    "up": up,
    "ready": ready,
    "down": down,
    "status": status,
    "logs": logs,
    "reset": reset,
    "sql": query,
    "demo": show_demo,
    "audit": prove,
    "drift": show_drift,
    "erase": erase_rows,
    "repair": compare,
    "lifecycle": show_tiers,
}
