"""corral daemon run: serve the hub until told to stop."""

import argparse
import asyncio
import os

from corral_daemon import app, logs, settings
from corral_daemon.console import frame
from corral_daemon.serving import Stop
from corral_daemon.settings import Place, Settings

HELP = "serve the hub; SIGTERM drains, a second one or SIGINT stops now; terminals go on and wait for the next daemon"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    frame.add_config(parser)
    parser.add_argument("--once", action="store_true", help="stop after one unit; exit 94 if none came")
    frame.add_json(parser)


def main(arguments: argparse.Namespace) -> int:
    where = frame.where(arguments)
    chosen = settings.load(where.config, os.environ)
    logs.configure(chosen.log_level)
    return asyncio.run(_run(where, chosen, arguments.once))


async def _run(where: Place, chosen: Settings, once: bool) -> int:
    stop = Stop()
    stop.listen()
    return await app.run(where, chosen, stop, once=once)
