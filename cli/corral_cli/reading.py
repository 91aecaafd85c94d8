"""Long texts and JSON from the command line, a file or stdin, so that nobody has to quote them."""

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

from corral_cli.errors import Usage


def read_file(name: str) -> str:
    """Return the text of a file; `-` is stdin. Raises Usage."""
    try:
        if name == "-":
            return sys.stdin.read()
        return Path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise Usage(
            f"{name} cannot be read: {error.strerror}", code="unreadable_file", hint="Check the path; `-` is stdin."
        ) from error
    except UnicodeDecodeError as error:
        raise Usage(f"{name} is not UTF-8 text", code="unreadable_file", hint="Convert it, e.g. with iconv.") from error


def text_or_file(text: str | None, file: str | None, what: str) -> str:
    """Return the text given directly, from `file`, or from stdin when the text is `-`. Raises Usage."""
    if text is not None and file is not None:
        raise Usage(f"{what} was given twice, as text and as a file", hint="Leave one of them out.")
    if file is not None or text == "-":
        text = read_file(file or "-")
    if text is None or not text.strip():
        raise Usage(f"{what} is missing", hint="Give it as text, as a file, or as `-` to read it from stdin.")
    return text


def json_or_text(text: str) -> Any:
    """Return the JSON value that `text` is, or the text itself."""
    try:
        return json.loads(text, parse_constant=refuse_constant)
    except ValueError:
        return text


def refuse_constant(text: str) -> Any:
    """Python's reader takes NaN and Infinity, JSON does not. Raises ValueError."""
    raise ValueError(f"{text} is no JSON")


def read_json(text: str, what: str) -> Any:
    """Return the JSON value. Raises Usage with line and column."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise Usage(
            f"{what} is not valid JSON: {error.msg} in line {error.lineno}, column {error.colno}",
            code="bad_json",
            hint="Check that place; a JSON checker such as `python -m json.tool` helps.",
        ) from error


def read_document(text: str, name: str) -> Any:
    """Return a JSON or TOML document: by the file's ending, else by how it begins. Raises Usage."""
    if name.endswith(".json") or (not name.endswith(".toml") and text.lstrip()[:1] in ("{", "[")):
        return _json_unless_toml(text, name)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Usage(
            f"{name} is not valid TOML: {error}",
            code="bad_toml",
            hint="Correct that place. JSON begins with { or [, or its name ends in .json.",
        ) from error


def _json_unless_toml(text: str, name: str) -> Any:
    """A TOML document may begin with a table header, which looks like a JSON array."""
    if text.lstrip().startswith("[") and not name.endswith(".json"):
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            return read_json(text, name)
    return read_json(text, name)


def can_ask() -> bool:
    """Tell whether a person is there to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something that cannot be undone. Raises Usage without a terminal or when the answer is no."""
    if yes:
        return
    if not can_ask():
        raise Usage(f"{question} Nobody is here to confirm.", code="unconfirmed", hint="Repeat the command with --yes.")
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Usage("nothing was changed", code="unconfirmed", hint="Answer y, or use --yes.")
