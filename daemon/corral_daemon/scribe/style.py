"""How a cell looks: what `CSI … m` (SGR) says, and how to say it again. Pure."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple


class Style(NamedTuple):
    """Colours and underline are kept as the parameters that ask for them; `flags` are those of FLAGS that are on."""

    fg: str = ""
    bg: str = ""
    flags: frozenset[str] = frozenset()
    underline: str = ""
    underline_colour: str = ""

    def sgr(self) -> str:
        """Return the sequence that leads from any style to this one."""
        said = (*sorted(self.flags, key=int), self.underline, self.fg, self.bg, self.underline_colour)
        return "\x1b[0;" + ";".join(filter(None, said)) + "m" if self != PLAIN else "\x1b[m"


Step = Callable[[Style], Style]
PLAIN = Style()
SGR_RESET = (b"\x1b[m", b"\x1b[0m")
FLAGS = ("1", "2", "3", "5", "7", "8", "9", "53")
"""Bold, faint, italic, blinking, inverse, hidden, struck out, overlined."""
_OFF = {"22": ("1", "2"), "23": ("3",), "25": ("5",), "27": ("7",), "28": ("8",), "29": ("9",), "55": ("53",)}
_UNDERLINES = {
    "4": "4",
    "4:0": "",
    "4:1": "4",
    "4:2": "21",
    "4:3": "4:3",
    "4:4": "4:4",
    "4:5": "4:5",
    "21": "21",
    "24": "",
}
_EXTENDED = {"38": "fg", "48": "bg", "58": "underline_colour"}
_VALUES = {"2": 3, "5": 1}
"""Colour models, red-green-blue and numbered, and how many numbers each takes."""


@lru_cache(256)
def erasing(style: Style) -> Style:
    """What cells look like that are erased in this style: the background stays."""
    return Style(bg=style.bg)


@lru_cache(8192)
def restyled(style: Style, said: str) -> Style:
    """Return the style after the parameters `said`, as in `1;38;5;12` or `4:3`. The unknown has no effect."""
    parts = iter(said.split(";"))
    for part in parts:
        word = part.lstrip("0") or "0"
        if word in _STEPS:
            style = _STEPS[word](style)
            continue
        kind, _, rest = word.partition(":")
        if kind in _EXTENDED:
            colour = _with_colons(kind, rest) if rest else _with_semicolons(kind, parts)
            style = style._replace(**{_EXTENDED[kind]: colour}) if colour else style
    return style


def _with_semicolons(kind: str, more: Iterator[str]) -> str:
    model = next(more, "")
    values = [next(more, "") for _ in range(_VALUES[model])] if model in _VALUES else list(more)
    return _colour(kind, model, values)


def _with_colons(kind: str, rest: str) -> str:
    """With or without the place for a colour space, which hardly anybody fills in."""
    model, *values = rest.split(":")
    wanted = _VALUES.get(model, 0)
    skipped = 1 if len(values) > wanted else 0
    return _colour(kind, model, values[skipped : skipped + wanted])


def _colour(kind: str, model: str, values: list[str]) -> str:
    numbers = [int(value[:4] or "0") if ":" not in value else 256 for value in values]
    if model not in _VALUES or len(numbers) != _VALUES[model] or max(numbers) > 255:
        return ""
    return ";".join((kind, model, *map(str, numbers)))


def _field(name: str, value: str) -> Step:
    return lambda style: style._replace(**{name: value})


def _on(flag: str) -> Step:
    return lambda style: style._replace(flags=style.flags | {flag})


def _off(flags: tuple[str, ...]) -> Step:
    return lambda style: style._replace(flags=style.flags - set(flags))


def _colours(first: int, name: str) -> dict[str, Step]:
    return {
        str(number): _field(name, str(number)) for start in (first, first + 60) for number in range(start, start + 8)
    }


_STEPS: dict[str, Step] = {
    "0": lambda _: PLAIN,
    "6": _on("5"),
    **{flag: _on(flag) for flag in FLAGS},
    **{said: _off(flags) for said, flags in _OFF.items()},
    **{said: _field("underline", kept) for said, kept in _UNDERLINES.items()},
    **_colours(30, "fg"),
    **_colours(40, "bg"),
    "39": _field("fg", ""),
    "49": _field("bg", ""),
    "59": _field("underline_colour", ""),
}
