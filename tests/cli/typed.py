"""Whether a command line that somebody is shown could be typed, says the program's own parser; nothing is run."""

import re
import shlex

import typer
from typer.exceptions import TyperException

from corral_cli.app import MOUNTS
from corral_cli.argv import VALUED, normalise
from corral_cli.mount import load

PLACEHOLDER = re.compile(r"[^a-z]|$")


def refused(line: str) -> str | None:
    """Return what the parser says of `corral …`; None if it takes it. A placeholder in the place of a verb is taken."""
    program, *words = shlex.split(line)
    assert program == "corral", line
    words = normalise(words)
    while words and words[0].startswith("-"):
        words = words[2 if words[0] in VALUED else 1 :]
    if not words or PLACEHOLDER.match(words[0]):
        return None
    if words[0] not in MOUNTS:
        return f"there is no command {words[0]!r}"
    command, path = load(words[0], MOUNTS[words[0]]), words.pop(0)
    while hasattr(command, "commands"):
        verb = words.pop(0) if words else ""
        if verb and PLACEHOLDER.match(verb):
            return None
        command, path = command.get_command(None, verb), f"{path} {verb}"
        if command is None:
            return f"there is no {path!r}"
    try:
        command.make_context(path, words)
    except TyperException as error:
        return f"{path}: {error.format_message()}"
    except typer.Exit:  # --help
        return None
    return None
