"""corral daemon terminals: which process holds the terminals of this machine; end them all."""

import argparse

from corral_daemon.console import frame
from corral_daemon.pty import dismiss

HELP = "show which process holds the terminal sessions of this machine, or end them all"
DESCRIPTION = (
    "Terminal sessions are held by a process of their own. It goes on when the daemon is stopped, restarted, upgraded"
    " or killed, and the next daemon finds its sessions again. It ends with its last session, with --end, or when the"
    " service is uninstalled."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = DESCRIPTION
    parser.add_argument("--end", action="store_true", help="HUP and TERM to every session, KILL after 10 seconds")
    frame.add_config(parser)
    frame.add_json(parser)


def main(arguments: argparse.Namespace) -> int:
    state = frame.where(arguments).state
    found = dismiss.dismiss(state) if arguments.end else dismiss.ask(state)
    sessions = found.sessions if found else 0
    frame.answer(
        arguments,
        {"pid": found.pid if found else None, "sessions": sessions, "ended": arguments.end and found is not None},
        lambda: (
            "no terminal sessions are held here"
            if found is None
            else f"{'ending' if arguments.end else 'held'}: {sessions} terminal sessions, by process {found.pid}"
        ),
    )
    return 0
