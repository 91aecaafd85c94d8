"""corral daemon uninstall: remove the service and end its terminals; configuration and spool stay."""

import argparse

from corral_daemon import install
from corral_daemon.console import frame
from corral_daemon.console import install as service_options
from corral_daemon.console.install import planned
from corral_daemon.pty import dismiss

HELP = "remove the service, and end its terminal sessions; configuration and spool stay"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    service_options.add_arguments(parser)
    parser.add_argument("--keep-terminals", action="store_true", help="leave the terminal sessions running")


def main(arguments: argparse.Namespace) -> int:
    service = planned(arguments)
    removed = service.path.exists() if arguments.dry_run else install.uninstall(service)
    if removed and not arguments.dry_run and not arguments.keep_terminals:
        dismiss.dismiss(frame.where(arguments).state)  # no daemon comes back for them
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
