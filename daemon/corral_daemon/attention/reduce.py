"""Add a signal to what is known of a session. Pure.

Signals are added in the order of their times; what a signal says is a fact, what facts mean is said by `verdict`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from corral_daemon.attention.model import (
    Asked,
    Ended,
    Hooked,
    Looked,
    Moved,
    Rang,
    Run,
    Sampled,
    Scene,
    Shown,
    Signal,
    State,
    Typed,
)
from corral_daemon.attention.question import question

QUIET: Final = 10.0
"""Seconds without output or use of the CPU after which what went on is over."""
SETTLES: Final = 0.7
"""Seconds that a sign must last to count: between two frames of a redraw a screen shows things that are not so."""
_ECHO_WITHIN: Final = 0.5
_ECHO_LENGTH: Final = 4096
_WORTH_NAMING: Final = 0.05
"""Share of one CPU below which a program that only waits may lie as well."""


def reduce(state: State, signal: Signal) -> State:
    """Return the state after `signal`. An ended session stays as it was."""
    if state.ended is not None:
        return state
    began = signal.at if state.began is None else state.began
    known = replace(state, began=began, latest=max(state.latest, signal.at))
    return _STEPS[type(signal)](known, signal)


def _moved(state: State, signal: Moved) -> State:
    """What comes right after something was typed is its echo, and no work."""
    since = None if state.typed is None else signal.at - state.typed
    if since is not None and since <= _ECHO_WITHIN and signal.count <= _ECHO_LENGTH:
        return replace(state, moved=signal.at)
    return replace(state, moved=signal.at, output=_goes_on(state.output, signal.at, signal.at))


def _typed(state: State, signal: Typed) -> State:
    return replace(state, typed=signal.at)


def _looked(state: State, signal: Looked) -> State:
    before = None if state.look is None else state.look.at
    state = _asks(replace(state, look=signal), signal)
    if state.shown is not None and state.shown.sign == signal.sign:
        return state
    lasted = state.shown is not None and signal.at - state.shown.since >= SETTLES
    return replace(
        state,
        shown=Shown(_between(state, before, signal.at), signal.sign),
        settled=state.shown if lasted else state.settled,
    )


def _asks(state: State, signal: Looked) -> State:
    """Keep the question as it was asked: what is typed behind it is an answer."""
    _, row = signal.screen.cursor
    line = question(signal.screen)
    asked, begun = state.asked, state.scene.since if state.scene else None
    fresh = asked is None or (begun is not None and asked.since < begun)
    if asked is not None and not fresh and asked.row == row and asked.line and line.startswith(asked.line):
        return state
    since = begun if fresh and begun is not None else signal.at if state.moved is None else state.moved
    return replace(state, asked=Asked(min(since, signal.at), line, row))


def _sampled(state: State, signal: Sampled) -> State:
    before = state.sample
    state = replace(state, sample=signal)
    state = _used(state, before, signal)
    front = signal.front
    since = _between(state, None if before is None else before.at, signal.at)
    known = state.scene
    scene = Scene(
        since=since,
        begun=since,
        resumed=False,
        pgid=front.pgid if front else 0,
        alone=front.alone if front else True,
        stopped=front is not None and front.state == "T",
        reads=front.reads if front else None,
        canonical=signal.canonical,
        echoes=signal.echoes,
    )
    return replace(state, scene=scene if known is None else _follows(known, scene))


def _follows(known: Scene, scene: Scene) -> Scene:
    """Return the scene with its beginnings, which may be those of the one before."""
    if known.pgid != scene.pgid:
        return scene
    if (known.reads and not scene.reads) or (known.hides and not scene.hides):
        return replace(scene, resumed=True)
    begun = replace(scene, begun=known.begun, resumed=known.resumed)
    return known if replace(known, since=scene.since) == begun else begun


def _used(state: State, before: Sampled | None, signal: Sampled) -> State:
    """Processes that end and are cleared away by a stranger take their time along: less is nothing."""
    if before is None or signal.at <= before.at:
        return state
    used = max(0.0, signal.cpu - before.cpu)
    share = used / (signal.at - before.at)
    uses = share >= _WORTH_NAMING or (signal.front is not None and signal.front.state == "D")
    busy = _goes_on(state.busy, max(before.at, signal.at - used), signal.at) if uses else state.busy
    return replace(state, share=share, busy=busy)


def _rang(state: State, signal: Rang) -> State:
    return replace(state, rang=signal)


def _hooked(state: State, signal: Hooked) -> State:
    return replace(state, hook=signal)


def _ended(state: State, signal: Ended) -> State:
    return replace(state, ended=signal)


def _goes_on(run: Run | None, first: float, last: float) -> Run:
    if run is None or first - run.last > QUIET:
        return Run(first, last)
    return Run(run.first, max(run.last, last))


def _between(state: State, before: float | None, now: float) -> float:
    """When did what is seen now, and was not seen `before`, become so? With the last thing that happened meanwhile."""
    happened = [at for at in (state.moved, state.typed) if at is not None and at <= now]
    latest = max(happened, default=now)
    return latest if before is None or latest > before else now


_STEPS: Final[Mapping[type[Signal], Callable[[State, Any], State]]] = {
    Moved: _moved,
    Typed: _typed,
    Looked: _looked,
    Sampled: _sampled,
    Rang: _rang,
    Hooked: _hooked,
    Ended: _ended,
}
