"""Coming to a session whose agent has redrawn its interface for two hours: how much, how soon, and is it right."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bench import agent_tui
from bench.figures import Figure, Round, figure, percentile
from bench.hall import Hall
from bench.lab import Lab
from bench.viewer import Viewer
from corral_daemon.scribe.screen import Screen

MOST_BYTES, MOST_MS = 256 * 1024, 150
TIMES = 20
FOR_EVER = 10**7


class Attached(NamedTuple):
    """Until the screen was right, and what had come by then."""

    seconds: float
    size: int


def measure(lab: Lab, hall: Hall) -> list[Figure]:
    seconds = lab.pick(7200, 600)
    rounds = [_after(hall, seconds) for _ in range(lab.pick(3, 1))]
    during = [_during(hall) for _ in range(lab.pick(3, 1))]
    name = f"attach after {seconds // 60} min of redraws"
    first = [Round(found[0].seconds * 1e3, _middle(found[1:])) for found in rounds]
    later = [Round(percentile([one.seconds for one in found], 0.95) * 1e3, _middle(found[1:])) for found in rounds]
    flood = [Round(percentile([one.seconds for one in found], 0.95) * 1e3, _middle(found)) for found in during]
    sizes = [Round(percentile([one.size for one in found], 0.95) / 1024, MOST_BYTES / 1024) for found in rounds]
    return [
        figure("terminals", f"{name}, p95 of {TIMES}", "ms", later, "ms p50", _aim(later, MOST_MS)),
        figure("terminals", f"{name}, the moment they end", "ms", first, "ms p50 later", _aim(first, MOST_MS)),
        figure("terminals", f"{name}, bytes", "KiB", sizes, "KiB allowed", _aim(sizes, MOST_BYTES / 1024, "KiB")),
        figure("terminals", f"attach amid redraws without pause, p95 of {TIMES}", "ms", flood, "ms p50"),
    ]


def _aim(rounds: list[Round], most: float, unit: str = "ms") -> str:
    middle = sorted(one.value for one in rounds)[len(rounds) // 2]
    return f"≤ {most:.0f} {unit}: {'met' if middle <= most else 'NOT met'}"


def _middle(found: list[Attached]) -> float:
    return percentile([one.seconds for one in found], 0.5) * 1e3


def _after(hall: Hall, seconds: int) -> list[Attached]:
    """All was drawn as fast as it goes, with nobody watching; the first to come does so the moment it ends."""
    drawn = list(agent_tui.frames(seconds))
    end, expected = sum(map(len, drawn)), _shown(drawn)
    session, played = _start(hall, seconds)
    while not played.exists():
        time.sleep(0.001)
    found = [_attach(hall, session, lambda viewer: _goes_on(viewer, end, expected)) for _ in range(TIMES)]
    hall.kill(session)
    return found


def _during(hall: Hall) -> list[Attached]:
    session, _ = _start(hall, FOR_EVER)
    time.sleep(2.0)
    found = [_attach(hall, session, lambda viewer: None) for _ in range(TIMES)]
    hall.kill(session)
    return found


def _start(hall: Hall, seconds: int) -> tuple[str, Path]:
    played = hall.world.folder / f"played-{time.monotonic_ns()}"
    program = f"stty raw -echo; exec {sys.executable} {agent_tui.__file__} {seconds} {played}"
    return hall.start(["sh", "-c", program], agent_tui.COLS, agent_tui.ROWS), played


def _attach(hall: Hall, session: str, check: Callable[[Viewer], None]) -> Attached:
    begin = time.perf_counter()
    viewer = hall.watch(session)
    viewer.open()
    check(viewer)
    took = time.perf_counter() - begin
    viewer.close()
    return Attached(took, viewer.received)


def _goes_on(viewer: Viewer, end: int, expected: tuple[str, ...]) -> None:
    """Read on to the end; the screen must be right there."""
    screen = Screen(agent_tui.COLS, agent_tui.ROWS)
    screen.feed(viewer.open())
    while viewer.offset < end:
        screen.feed(viewer.read())
    if screen.lines() != expected:
        raise RuntimeError(f"the screen is wrong: {screen.lines()} instead of {expected}")


def _shown(drawn: list[bytes]) -> tuple[str, ...]:
    """What is on the screen at the end: the beginning, and everything from the last whole picture on."""
    first, *rest = drawn
    screen = Screen(agent_tui.COLS, agent_tui.ROWS)
    screen.feed(first + b"".join(rest[(len(rest) - 1) // agent_tui.PICTURE * agent_tui.PICTURE :]))
    return screen.lines()
