"""Put the keeper together and run it."""

import asyncio
import logging
import os
import signal
import sys
import time

from eyeshot import fail_point, health, logs
from eyeshot.commit_log import RecreatedTopic, UnknownSchema
from eyeshot.settings import SettingError, load
from services.keeper.app import Keeper
from services.keeper.compose import open_days, open_rewriter, open_stores, trouble
from services.keeper.settings import KeeperSettings


def main() -> int:
    """Exit status: 0 after a clean stop, 1 when the log cannot be understood, 2 when a setting is wrong."""
    try:
        settings = load(KeeperSettings, os.environ)
        fail_point.arm(os.environ)
    except (SettingError, fail_point.BadFailPoint) as error:
        print(f"keeper: {error}", file=sys.stderr)
        return 2
    logs.configure("keeper", settings.log.level)
    try:
        asyncio.run(_run(settings))
    except (RecreatedTopic, UnknownSchema) as error:
        logs.happened("stopped", level=logging.ERROR, reason=str(error))
        return 1
    return 0


async def _run(settings: KeeperSettings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    stores = open_stores(settings, stopping=stop.is_set)
    keeper = Keeper(
        days=open_days(settings, stores),
        rewriter=open_rewriter(settings, stores),
        settings=settings.keeper,
        monotonic=time.monotonic,
    )
    health.serve(settings.keeper.host, settings.keeper.port, lambda: trouble(stores) or keeper.trouble)
    await keeper.run(stop)


if __name__ == "__main__":
    sys.exit(main())
