"""python -m corral_daemon: the commands behind `corral daemon …` and `corral join`."""

import argparse
import importlib
import json
import sys
from collections.abc import Sequence

from corral_daemon.errors import DaemonError

COMMANDS = ("run", "join", "install", "uninstall", "status", "probe", "repo")
FAILED = 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code: 0 done, 1 failed, 2 wrong usage, 94 `run --once` got nothing to do."""
    words = list(sys.argv[1:] if argv is None else argv)
    arguments = _parser(words).parse_args(words)
    try:
        return arguments.main(arguments)
    except DaemonError as error:
        return _fail(error, arguments.json)


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="corral-daemon", description="The hands of Corral on this machine.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    asked = [name for name in COMMANDS if name in words[:1]]
    for name in asked or COMMANDS:
        module = importlib.import_module(f"corral_daemon.console.{name}")
        command = commands.add_parser(name, help=module.HELP, description=module.HELP)
        module.add_arguments(command)
        command.set_defaults(main=module.main)
    return parser


def _fail(error: DaemonError, as_json: bool) -> int:
    if as_json:
        said = {"code": error.code, "message": str(error), "hint": error.hint, "retryable": False, "exit_code": FAILED}
        sys.stdout.write(json.dumps({"error": said}) + "\n")
    else:
        sys.stderr.write(f"corral-daemon: {error} [{error.code}]\n  next: {error.hint}\n")
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
