"""Clips: what was noticed of a session, a JSON line a signal, and what should have been made of it.

The first line says what it is and how it came about (`origin`: `recorded` from a real program, or `typed` from what is
known of one), the last one what is expected: a list of [attention, why, since]. Of a screen only what has changed is
written: `rows` are the lines that differ from those of the look before, by their numbers.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from corral_daemon import agents
from corral_daemon.agents.adapter import Attentive, ScreenText
from corral_daemon.attention.model import Ended, Front, Looked, Moved, Rang, Sampled, Signal, State, Typed, Verdict
from corral_daemon.attention.reduce import reduce
from corral_daemon.attention.verdict import verdict

FOLDER = Path(__file__).parent / "clips"
Line = Mapping[str, Any]


@dataclass(frozen=True)
class Clip:
    name: str
    about: Line
    signals: tuple[Signal, ...]
    expected: Sequence[tuple[str, str, float]]


def load(path: Path) -> Clip:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    adapter = agents.registry().get(lines[0].get("agent", ""))
    signals = tuple(_signals(lines[1:], adapter if isinstance(adapter, Attentive) else None))
    return Clip(path.stem, lines[0], signals, [tuple(one) for one in lines[-1].get("expect", ())])


def _signals(lines: Sequence[Line], adapter: Attentive | None) -> Iterator[Signal]:
    screen = ScreenText(lines=())
    for line in lines:
        if "looked" in line:
            screen = _redrawn(screen, line["looked"])
            yield Looked(at=line["at"], screen=screen, sign=adapter.sign(screen) if adapter else None)
        elif "sampled" in line:
            front = line["sampled"].get("front")
            yield Sampled(at=line["at"], **{**line["sampled"], "front": Front(**front) if front else None})
        elif "moved" in line:
            yield Moved(at=line["at"], count=line["moved"])
        elif "typed" in line:
            yield Typed(at=line["at"])
        elif "rang" in line:
            yield Rang(at=line["at"], notice=line["rang"])
        elif "ended" in line:
            yield Ended(at=line["at"], **line["ended"])


def _redrawn(screen: ScreenText, changes: Line) -> ScreenText:
    rows = {int(number): text for number, text in changes.get("rows", {}).items()}
    height = max([len(screen.lines), *(number + 1 for number in rows)])
    lines = (*screen.lines, *[""] * (height - len(screen.lines)))
    fields = {name: tuple(value) if isinstance(value, list) else value for name, value in changes.items()}
    fields.pop("rows", None)
    return replace(screen, lines=tuple(rows.get(number, line) for number, line in enumerate(lines)), **fields)


class Writer:
    """Writes signals down as they come."""

    def __init__(self, about: Line) -> None:
        self.lines: list[Line] = [about]
        self._screen = ScreenText(lines=())

    def add(self, signal: Signal, at: float) -> None:
        self.lines.append({"at": round(at, 2), **self._told(signal)})

    def _told(self, signal: Signal) -> Line:
        if isinstance(signal, Looked):
            before, now = asdict(self._screen), asdict(signal.screen)
            self._screen = signal.screen
            old, new = before.pop("lines"), now.pop("lines")
            changed = {name: value for name, value in now.items() if value != before[name]}
            rows = {number: line for number, line in enumerate(new) if old[number : number + 1] != (line,)}
            return {"looked": {**changed, **({"rows": rows} if rows else {})}}
        if isinstance(signal, Moved):
            return {"moved": signal.count}
        if isinstance(signal, Rang):
            return {"rang": signal.notice}
        fields = {name: value for name, value in asdict(signal).items() if name != "at"}
        return {type(signal).__name__.lower(): fields}

    def save(self, path: Path) -> None:
        path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in self.lines), encoding="utf-8")


def replay(signals: Sequence[Signal]) -> Iterator[tuple[float, Verdict]]:
    """Judge whenever the product does: when the screen was looked at, and at the end."""
    state = State()
    for signal in signals:
        state = reduce(state, signal)
        if isinstance(signal, Looked | Ended):
            yield signal.at, verdict(state, signal.at)


def told(signals: Sequence[Signal]) -> list[tuple[str, str, float]]:
    """Return what would have been said, one after the other."""
    said: list[tuple[str, str, float]] = []
    for _, found in replay(signals):
        news = (found.attention.value, found.why, round(found.since, 1))
        if not said or said[-1][:2] != news[:2] or abs(said[-1][2] - news[2]) > 1:
            said.append(news)
    return said
