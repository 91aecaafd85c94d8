"""What documents, hints and examples tell people to type exists: every command, every option."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from corral_cli.app import MOUNTS, app
from corral_cli.argv import VALUED
from corral_cli.mount import load

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/**/*.md")]
SOURCES = [*ROOT.glob("cli/**/*.py"), *ROOT.glob("hub/**/*.py"), *ROOT.glob("daemon/**/*.py")]
CALL = re.compile(
    r"(?:^\s*|`|\$\(|[|;&] |\bsudo |[A-Z]=\S+ |\.venv/bin/)corral ((?:--?)?[a-z][^\n`#|;&)$]*)", re.MULTILINE
)
"""`corral` where a command begins, and what stands behind it, up to the end of the command."""
ROOT_OPTIONS = {name for parameter in typer.main.get_command(app).params for name in parameter.opts} | {"--help", "-h"}


def calls(text: str) -> Iterator[str]:
    """Yield the command lines in what is set as code: indented blocks, fences, backticks."""
    blocks = re.findall(r"```.*?```", text, re.DOTALL) + re.findall(r"^ {4,}.*$", text, re.MULTILINE)
    for piece in [*re.findall(r"`[^`\n]+`", text), *blocks]:
        yield from (found.strip() for found in CALL.findall(piece))


def wrong(call: str) -> str | None:
    """Return what is wrong with a command line, None if it could be typed."""
    words = [word.strip(",.:'\"") for word in call.split()]
    command: Any = None
    known = set(ROOT_OPTIONS)
    while words and (command is None or hasattr(command, "commands")):
        word = words.pop(0)
        if word.startswith("-"):
            words = words[1:] if word in VALUED else words
            continue
        if not re.fullmatch(r"[a-z-]+", word):
            return None  # a placeholder: VERB, …
        below = MOUNTS if command is None else command.commands
        if command is None and word not in below:
            return f"there is no command {word!r}"
        if command is not None and command.get_command(None, word) is None:
            return f"there is no {word!r} of it"
        command = load(word, MOUNTS[word]) if command is None else command.get_command(None, word)
    if command is not None:
        known |= {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
    options = [word.partition("=")[0] for word in " ".join(words).partition(" -- ")[0].split() if word.startswith("-")]
    return next(
        (
            f"there is no option {option}"
            for option in options
            if option not in known | {"-", "--"} and "{" not in option
        ),
        None,
    )


def test_every_command_in_a_document_can_be_typed() -> None:
    found = {(path.name, call): wrong(call) for path in DOCUMENTS for call in calls(path.read_text())}
    assert len(found) > 20
    assert {where: problem for where, problem in found.items() if problem} == {}


def test_every_example_and_every_hint_can_be_typed() -> None:
    found = {(path.name, call): wrong(call) for path in SOURCES for call in calls(path.read_text())}
    assert len(found) > 80
    assert {where: problem for where, problem in found.items() if problem} == {}
