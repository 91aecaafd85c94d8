"""corral daemon install: start the daemon with the machine."""

import argparse
import os
import sys
from pathlib import Path

from corral_daemon import install, settings
from corral_daemon.console import frame

HELP = "install a service that starts the daemon with the machine"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    scope = parser.add_mutually_exclusive_group()
    scope.add_argument("--user", action="store_true", help="a service of this user (the default)")
    scope.add_argument("--system", action="store_true", help="a service of the machine; needs root")
    parser.add_argument("--dry-run", action="store_true", help="show what would be done")
    frame.add_config(parser)
    frame.add_json(parser)


def main(arguments: argparse.Namespace) -> int:
    service = planned(arguments)
    if not arguments.dry_run:
        install.install(service)
    commands = [" ".join(command) for command in service.enable]
    frame.answer(
        arguments,
        {"path": service.path, "text": service.text, "commands": commands, "done": not arguments.dry_run},
        lambda: (
            f"would write {service.path}:\n\n{service.text}\nand run: {'; '.join(commands)}"
            if arguments.dry_run
            else f"installed and started: {service.path}"
        ),
    )
    return 0


def planned(arguments: argparse.Namespace) -> install.Service:
    where = frame.where(arguments)
    chosen = settings.load(where.config, os.environ)
    return install.plan(
        sys.platform, Path.home(), where, chosen.drain_grace, system_wide=arguments.system, uid=os.getuid()
    )
