"""corral daemon status: is a daemon running here, and what does it hold?"""

import argparse
import os
from collections.abc import Mapping
from typing import Any

from corral_daemon import settings, status
from corral_daemon.console import frame

HELP = "show whether the daemon runs, is connected, and what it holds"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    frame.add_config(parser)
    frame.add_json(parser)


def main(arguments: argparse.Namespace) -> int:
    where = frame.where(arguments)
    chosen = settings.load(where.config, os.environ) if where.config.exists() else None
    said = status.read(where, chosen)
    frame.answer(arguments, said, lambda: prose(said))
    return 0 if said["running"] else 1


def prose(said: Mapping[str, Any]) -> str:
    if not said["hub_url"]:
        return f"not enrolled: there is no configuration at {said['config']}\nNext: corral join TOKEN"
    if not said["running"]:
        return f"{said['server_name']} is not running; {said['spooled']} records wait for {said['hub_url']}"
    state = "connected to" if said["connected"] else f"not connected ({said['problem'] or 'yet'}) to"
    units = "".join(f"\n  {unit['task_id']} epoch {unit['epoch']} {unit['phase']}" for unit in said["units"] or [])
    return f"{said['server_name']} (pid {said['pid']}) is {state} {said['hub_url']}; {said['spooled']} spooled{units}"
