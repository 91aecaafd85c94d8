"""Help pages: what a command does, how it is called, examples, then everything it takes. Pure.

Not typer's own: drawing those loads more than a whole command does, and they put boxes around what a person came for.
"""

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

Entry = tuple[str, str]
"""A term and what is said about it."""

_WIDEST, _NARROWEST = 100, 40
_TERM = 26
"""Columns for terms; a longer one stands on a line of its own."""
_CHOICES = 20
"""Columns in which the choices of an option stand beside its name; longer ones are told behind."""
_VALUES: Mapping[Any, str] = {int: "N", Path: "DIR"}
_EXAMPLES = re.compile(r"^Examples?:$", re.MULTILINE)
_SENTENCE = re.compile(r"(?<=[.?!])\s(?=[A-Z(`])")
_FOOT = "Options of the program, such as --json, -q and --profile, go anywhere on the line; `corral --help` lists them."


def page(command: Any, path: str, width: int) -> str:
    """Return the page of `command`, which is called as `path`; its titles are bold."""
    width = max(_NARROWEST, min(width, _WIDEST))
    found = _EXAMPLES.search(command.help or "")
    about, examples = (command.help[: found.start()], command.help[found.end() :]) if found else (command.help, "")
    inner = " " in path
    parts = [
        _filled(about or "", width),
        _section("Usage", [_usage(command, path)]),
        _section("Examples", textwrap.dedent(examples).strip().splitlines()),
        *_tables(_commands(command), width),
        *_tables({"Arguments": [_argument(one) for one in command.params if _is(one, "argument")]}, width),
        *_tables(_options(command, "Options" if inner else "Options, anywhere on the line"), width),
        _section(*_epilog(command.epilog or "")),
        _filled(_FOOT if inner else "", width),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def first_sentence(text: str) -> str:
    return _SENTENCE.split(" ".join(text.split()), maxsplit=1)[0]


def _usage(command: Any, path: str) -> str:
    if hasattr(command, "commands"):
        return f"{path} COMMAND [options]"
    words = [_as_used(one) for one in command.params if _is(one, "argument")]
    behind = [word for word in words if word.startswith("[--")]
    return " ".join([path, *(word for word in words if word not in behind), "[options]", *behind])


def _as_used(argument: Any) -> str:
    word = str(argument.metavar or argument.name.upper()).strip("[]") + ("…" if argument.nargs == -1 else "")
    return word if argument.required else f"[{word}]"


def _commands(command: Any) -> Mapping[str, Sequence[Entry]]:
    panels: dict[str, list[Entry]] = {}
    for name, below in getattr(command, "commands", {}).items():
        if not below.hidden:
            panels.setdefault(_panel(below, "Commands"), []).append((name, first_sentence(below.help or "")))
    return panels


def _options(command: Any, title: str) -> Mapping[str, Sequence[Entry]]:
    shown = [one for one in command.params if _is(one, "option") and not one.hidden]
    indent = 4 if any(len(name) == 2 for one in shown for name in one.opts) else 0
    panels: dict[str, list[Entry]] = {}
    for one in shown:
        panels.setdefault(_panel(one, title), []).append((_term(one, indent), _about(one)))
    return panels


def _panel(thing: Any, otherwise: str) -> str:
    panel = getattr(thing, "rich_help_panel", None)
    return panel if isinstance(panel, str) else otherwise


def _is(parameter: Any, kind: str) -> bool:
    return bool(parameter.param_type_name == kind)


def _argument(argument: Any) -> Entry:
    return _as_used(argument).strip("[]").removeprefix("-- "), _about(argument)


def _term(option: Any, indent: int) -> str:
    """Return `-s, --long VALUE`; without a short name the long one is indented like the others."""
    names = sorted(option.opts, key=len)
    switched = [f"--no-{name.removeprefix('--')}" for name in names] == option.secondary_opts
    shown = f"--[no-]{names[0].removeprefix('--')}" if switched else ", ".join([*names, *option.secondary_opts])
    return " ".join(filter(None, [shown if len(names[0]) == 2 else " " * indent + shown, _value(option)]))


def _value(option: Any) -> str:
    """Return what stands for the value: its choices if they are short, otherwise a word for its kind."""
    if option.is_flag:
        return ""
    if option.metavar:
        return str(option.metavar)
    if choices := _choices(option):
        joined = "|".join(choices)
        return joined if len(joined) <= _CHOICES else "WORD"
    return _VALUES.get(option.type_descriptor.annotation, "TEXT")


def _choices(parameter: Any) -> list[str]:
    kind = parameter.type_descriptor.annotation
    return [str(member.value) for member in kind] if isinstance(kind, type) and issubclass(kind, Enum) else []


def _about(parameter: Any) -> str:
    said = " ".join((parameter.help or "").split())
    choices = _choices(parameter)
    if choices and (_is(parameter, "argument") or _value(parameter) == "WORD"):
        said = f"{said.rstrip('.')}: {', '.join(choices)}."
    if parameter.required and _is(parameter, "option"):
        said += " Required."
    default = parameter.default
    if default not in (None, "", (), []) and not isinstance(default, bool):
        said += f" Default: {default.value if isinstance(default, Enum) else default}."
    return said


def _epilog(text: str) -> tuple[str, Sequence[str]]:
    title, _, rest = text.partition("\n")
    return title, rest.splitlines()


def _section(title: str, lines: Iterable[str]) -> str:
    body = "\n".join(f"  {line}".rstrip() for line in lines)
    return f"\x1b[1m{title}\x1b[0m\n{body}" if body else ""


def _tables(panels: Mapping[str, Sequence[Entry]], width: int) -> Iterator[str]:
    """Yield the panels; they share their columns."""
    terms = [len(term) for entries in panels.values() for term, _ in entries]
    column = min(_TERM, max(terms, default=0)) + 2
    for title, entries in panels.items():
        yield _section(title, (line for entry in entries for line in _lines(*entry, column, width - 2)))


def _lines(term: str, about: str, column: int, width: int) -> Iterator[str]:
    told = textwrap.wrap(about, width - column) or [""]
    yield term if len(term) + 2 > column else term.ljust(column) + told.pop(0)
    yield from (" " * column + line for line in told)


def _filled(text: str, width: int) -> str:
    return "\n\n".join(textwrap.fill(" ".join(part.split()), width) for part in text.strip().split("\n\n"))
