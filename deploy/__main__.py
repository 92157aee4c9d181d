"""`python -m deploy <command>`: reads the command line, runs the command, turns what went wrong into a sentence."""

import argparse
import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from deploy import (
    browser,
    choose,
    drift,
    erase,
    first_impression,
    health,
    kafka_rights,
    mode,
    ports,
    prepare,
    query,
    s3_users,
    up,
)
from deploy.commands import COMMANDS, BadCommand, Call
from deploy.compose import ComposeFailed
from deploy.native import builders, commands, engine, postgres, supervisor
from deploy.patience import GaveUp
from eyeshot.settings import SettingError

# Everything that the world or the user can get wrong, each with a text that says what and the mend.
EXPECTED = (
    BadCommand,
    ComposeFailed,
    GaveUp,
    SettingError,
    browser.NoBrowser,
    browser.ReadFailed,
    builders.WrongFiles,
    choose.NotStarted,
    drift.NoDay,
    commands.CommandFailed,
    engine.LeftRunning,
    first_impression.NotAccepted,
    health.Unhealthy,
    kafka_rights.BadPassword,
    mode.BadMode,
    ports.BadPort,
    postgres.CannotRun,
    prepare.BadSetting,
    query.QueryFailed,
    s3_users.Refused,
    supervisor.Insecure,
    supervisor.NotRunning,
    up.CannotStart,
    BotoCoreError,
    ClientError,
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy", description="The whole stack on this machine.")
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("argument", nargs="?", help="the part of `logs`, the statement of `sql`, the day of `drift`")
    parser.add_argument("--mode", choices=mode.MODES, help="default: compose with a Docker engine, else native")
    parser.add_argument("--state", type=Path, help="folder of a native stack of its own, with secrets of its own")
    parser.add_argument("--ports", choices=("default", "free"), default="default")
    parser.add_argument("--no-demo", action="store_true", help="leave the demo page out")
    for option in erase.OPTIONS:
        parser.add_argument(f"--{option}", help="`erase`: which rows")
    parser.add_argument(
        "--apply", action="store_true", help="`erase`, `repair` do it; else it is said what would be done"
    )
    parser.add_argument("--yes", action="store_true", help="`reset` does not ask")
    return parser


def main() -> int:
    """The exit status: 0, 1 after a sentence about what is wrong, 130 when interrupted."""
    said = _parser().parse_intermixed_args()
    asked = choose.Asked(said.mode, said.state, free_ports=said.ports == "free", demo=not said.no_demo)
    call = Call(asked, said.argument, said.yes, Console(), erase.options(vars(said)), said.apply)
    try:
        return COMMANDS[said.command](call)
    except EXPECTED as wrong:
        print(f"{said.command}: {wrong}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
