"""corral daemon uninstall: remove the service; configuration and spool stay."""

import argparse

from corral_daemon import install
from corral_daemon.console import frame
from corral_daemon.console.install import add_arguments as add_arguments
from corral_daemon.console.install import planned

HELP = "remove the service"


def main(arguments: argparse.Namespace) -> int:
    service = planned(arguments)
    removed = service.path.exists() if arguments.dry_run else install.uninstall(service)
    frame.answer(
        arguments,
        {"path": service.path, "removed": removed and not arguments.dry_run, "was_there": removed},
        lambda: (
            f"there is no service at {service.path}"
            if not removed
            else f"{'would remove' if arguments.dry_run else 'removed'} {service.path}"
        ),
    )
    return 0
