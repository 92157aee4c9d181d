"""Put the eraser together and run it: `python -m services.keeper.erase --page-view ID | --site KEY --before DATE`."""

import argparse
import asyncio
import os
import sys

from eyeshot import logs
from eyeshot.commit_log import RecreatedTopic, UnknownSchema
from eyeshot.lake.ports import NoSuchObject, StoreUnavailable, TopicUnavailable, UploadLost
from eyeshot.settings import SettingError, load
from services.keeper.chosen import BadRequest, Request, request
from services.keeper.compose import open_days, open_rewriter, open_stores
from services.keeper.core import RowsDiffer
from services.keeper.eraser import Eraser, Found, NotErased
from services.keeper.settings import KeeperSettings

UNAVAILABLE = (RecreatedTopic, UnknownSchema, StoreUnavailable, NoSuchObject, UploadLost, TopicUnavailable)


def main() -> int:
    """Exit status: 0 when no such row is in the table, 1 when some are, 2 when it could not be looked or done."""
    parser = argparse.ArgumentParser(prog="erase", description="Erase a reader's page view, or a site's old days.")
    parser.add_argument("--page-view", help="the id of a page view: 22 characters")
    parser.add_argument("--site", help="the public key of a site, with --before")
    parser.add_argument("--before", help="the first day that stays, as 2026-11-25")
    parser.add_argument("--apply", action="store_true", help="do it; without it is only said what would be done")
    said = parser.parse_args()
    try:
        wanted = request(said.page_view, said.site, said.before)
        settings = load(KeeperSettings, os.environ)
        logs.configure("erase", settings.log.level)
        return asyncio.run(_run(settings, wanted, apply=said.apply))
    except (BadRequest, SettingError, NotErased, RowsDiffer, *UNAVAILABLE) as error:
        print(f"erase: {error}", file=sys.stderr)
        return 2


async def _run(settings: KeeperSettings, wanted: Request, *, apply: bool) -> int:
    stores = open_stores(settings)
    eraser = Eraser(days=open_days(settings, stores), rewriter=open_rewriter(settings, stores))
    return await run(eraser, wanted, apply=apply)


async def run(eraser: Eraser, wanted: Request, *, apply: bool) -> int:
    """Say what there is, erase it if asked to, and look again; the exit status."""
    found = await eraser.find(wanted)
    for each in found:
        print(_line(each))
    if not apply or not found:
        print(f"erase: {sum(each.rows for each in found)} rows found{'' if apply else ', nothing was done (--apply)'}")
        return 1 if found else 0
    erased = sum([await eraser.erase(each.slot, wanted) for each in found if each.closed])
    left = await eraser.find(wanted)
    still_there = sum(each.rows for each in left)
    print(f"erase: {erased} rows erased, {still_there} left in the table, all of which was read again")
    for each in left:
        print(f"erase: {each.slot.table} of {each.slot.day} is not over: run this again when it is", file=sys.stderr)
    if erased:
        print("erase: the files before are in no table, and are deleted when their grace is over: docs/operations.md")
    return 1 if left else 0


def _line(found: Found) -> str:
    slot = found.slot
    when = "" if found.closed else "; the day is not over, and is left alone"
    return f"{slot.table} of {slot.day}: {found.rows} rows in {found.files} files{when}"


if __name__ == "__main__":
    sys.exit(main())
