"""Start of the `corral` command: regular words in, an exit code out, never a traceback for what can be expected."""

import io
import os
import signal
import sys
from collections.abc import Sequence

import typer
from typer.exceptions import TyperException

from corral_cli import tab
from corral_cli.app import app
from corral_cli.argv import normalise, wants_json
from corral_cli.errors import CliError, Failed, Usage
from corral_cli.mount import ready
from corral_cli.output import report


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (see `corral --help`)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that cannot show a character must not end the command
            stream.reconfigure(errors="backslashreplace")
    words = sys.argv[1:] if words is None else words
    if os.environ.get(tab.VARIABLE):
        sys.stdout.writelines(f"{line}\n" for line in tab.offers(ready(typer.main.get_command(app)), words))
        return 0
    given = normalise(words)
    try:
        return _run(given)
    except CliError as error:
        report(error, as_json=wants_json(given), colour=_colour(given) is None)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("\n")
        return 128 + signal.SIGINT
    except SystemExit as leave:
        # Typer leaves like this when whoever read our output has gone; it has seen to the flush at exit.
        if isinstance(leave.__context__, BrokenPipeError):
            return 128 + signal.SIGPIPE
        raise


def _run(given: Sequence[str]) -> int:
    """Run the command; what the parser says is turned into our errors."""
    try:
        command = ready(typer.main.get_command(app))
        code = command.main(
            args=list(given), prog_name="corral", complete_var="", standalone_mode=False, color=_colour(given)
        )
    except TyperException as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context is not None else "corral"
        kind = Usage if error.exit_code == Usage.exit_code else Failed
        said = " ".join(error.format_message().split()).replace("Value error, ", "")  # pydantic's, not a person's
        raise kind(said, hint=f"`{path} --help` shows how it is used.") from error
    return code if isinstance(code, int) else 0


def _colour(given: Sequence[str]) -> bool | None:
    """Return what typer's own output (help pages) may do: no colour if unwanted, else what the terminal can."""
    return False if "--no-color" in given or os.environ.get("NO_COLOR") else None


if __name__ == "__main__":
    sys.exit(main())
