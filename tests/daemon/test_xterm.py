"""The screen model shows what xterm.js shows. `xterm/record.js` has recorded that; it is not needed for the test.

The clips are what agents, editors and shells do, and random traffic. Known differences are left out of it: widths of
characters that changed with Unicode 12 and later, wide characters inserted at the right edge in insert mode, and moves
up and down in origin mode, for which xterm.js counts the margin twice.
"""

import json
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from corral_daemon.scribe.cells import Row
from corral_daemon.scribe.screen import Screen
from corral_daemon.scribe.style import Style

CLIPS = [json.loads(line) for line in (Path(__file__).parent / "xterm" / "clips.jsonl").read_text().splitlines()]
MOUSE = {"?9": "x10", "?1000": "vt200", "?1002": "drag", "?1003": "any"}
BASES = {30: 0, 40: 0, 90: 8, 100: 8}


def shown(screen: Screen) -> dict[str, Any]:
    return {
        "rows": [[("".join(row.texts)), runs(row)] for row in screen.buffer.rows],
        "cursor": [screen.buffer.x, screen.buffer.y],
        "alternate": screen.alternate,
        "title": screen.title,
        "modes": [mode in screen.modes for mode in ("?1", "?66", "?2004", "?1004", "?7", "?6", "4")],
        "mouse": next((name for mode, name in MOUSE.items() if mode in screen.modes), "none"),
    }


def runs(row: Row) -> list[Any]:
    return [[look, len(list(cells))] for look, cells in groupby(map(said, row.styles))]


def said(style: Style) -> str:
    flags = style.flags | ({"4"} if style.underline else set())
    return "/".join((colour(style.fg), colour(style.bg), ",".join(sorted(flags, key=int))))


def colour(parameters: str) -> str:
    first, *rest = parameters.split(";")
    if rest:
        return ";".join(rest[1:])
    return str(int(first) % 10 + BASES[int(first) // 10 * 10]) if first else ""


@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip["name"])
def test_it_shows_what_xterm_shows(clip: dict[str, Any]) -> None:
    screen = Screen(clip["cols"], clip["rows"])
    screen.feed(clip["data"].encode())
    assert shown(screen) == clip["shown"]
