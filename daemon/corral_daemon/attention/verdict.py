"""What the known facts mean. Pure.

The first rule that has something to say decides. What an agent's interface or its hook says comes before what its
processes do, and that before how much is printed: a spinner prints while it waits for a network, a compiler prints
nothing for minutes.
"""

import signal
from collections.abc import Callable
from typing import Final

from corral_daemon.agents.adapter import ScreenText
from corral_daemon.attention.model import Ended, Front, State, Verdict
from corral_daemon.attention.question import asks, is_prompt, menu, wants
from corral_daemon.attention.reduce import QUIET, SETTLES
from corral_protocol.codec import Json
from corral_protocol.vocabulary import Attention

SHELLS: Final = frozenset(
    {"bash", "zsh", "fish", "sh", "dash", "ash", "ksh", "mksh", "tcsh", "csh", "nu", "xonsh", "elvish", "pwsh"}
)
_HESITATES: Final = 0.3
"""Seconds of silence before a program that reads counts as waiting."""
_PONDERS: Final = 2.0
"""Seconds of silence before what only looks like a question counts as one."""
_LABOURS: Final = 0.3
"""Share of one CPU above which nothing that a line on the screen looks like is believed."""
_STUCK: Final = 60.0
"""Seconds without output or use of the CPU after which an interface that says it works is not believed."""


def verdict(state: State, now: float) -> Verdict:
    """Judge; `now` is not before the last signal."""
    for rule in _RULES:
        found = rule(state, now)
        if found is not None:
            return found
    since = now if state.began is None else state.began
    return Verdict(attention=Attention.WORKING, why="has just started", since=since, evidence=_by("start", state))


def _by_end(state: State, now: float) -> Verdict | None:
    end = state.ended
    if end is None:
        return None
    attention = Attention.FINISHED if end.code == 0 else Attention.DEAD
    return Verdict(attention=attention, why=how(end), since=end.at, evidence={"by": "end"}, lasts=True)


def how(end: Ended) -> str:
    """Say how a program ended."""
    if end.code is not None:
        return f"ended with exit code {end.code}"
    if end.signal is not None:
        known = {number.value: number.name for number in signal.Signals}
        return f"was ended by {known.get(end.signal, f'signal {end.signal}')}"
    return "is gone, and nobody saw how it ended"


def _by_stop(state: State, now: float) -> Verdict | None:
    if state.scene is None or not state.scene.stopped:
        return None
    why = f"is stopped by a signal ({_name(state)})"
    return Verdict(attention=Attention.IDLE, why=why, since=state.scene.since, evidence=_by("process", state))


def _by_sign(state: State, now: float) -> Verdict | None:
    """By the agent's own interface, once what it shows has lasted. That it works is believed at once."""
    shown = state.shown
    if shown is None:
        return None
    works = shown.sign is not None and shown.sign.attention is Attention.WORKING
    if not works and state.settled is not None and now - shown.since < SETTLES:
        shown = state.settled
    sign = shown.sign
    if sign is None or (sign.attention is Attention.WORKING and _silent(state, now) > _STUCK):
        return None
    lasts = sign.attention is not Attention.WORKING and shown is state.shown
    evidence = {**_by("screen", state), "ready_for_text": sign.ready_for_text}
    return Verdict(attention=sign.attention, why=sign.why, since=shown.since, evidence=evidence, lasts=lasts)


def _by_hook(state: State, now: float) -> Verdict | None:
    """By what the agent's hook said last, as long as nobody has typed since."""
    hook = state.hook
    if hook is None or (state.typed is not None and state.typed > hook.at):
        return None
    lasts = hook.attention is not Attention.WORKING
    return Verdict(attention=hook.attention, why=hook.why, since=hook.at, evidence=_by("hook", state), lasts=lasts)


def _by_secrecy(state: State, now: float) -> Verdict | None:
    """The terminal takes a line and does not show it: somebody wants a password."""
    scene = state.scene
    if scene is None or not scene.hides or _labours(state) or _printing(state, now):
        return None
    line = state.asked.line if state.asked else ""
    why = f"asks for something unseen: {line}" if line else "asks for something unseen"
    return Verdict(
        attention=Attention.WAITS_FOR_INPUT, why=why, since=scene.since, evidence=_by("terminal", state), lasts=True
    )


def _by_prompt(state: State, now: float) -> Verdict | None:
    """A shell alone in front, which edits a line."""
    front = _front(state)
    if state.scene is None or front is None or front.name not in SHELLS or not front.alone:
        return None
    edits = not state.scene.canonical and not state.scene.echoes
    prompts = bool(front.reads) and state.asked is not None and is_prompt(state.asked.line)
    if not edits and not prompts:
        return None
    return Verdict(
        attention=Attention.IDLE,
        why=f"is at the prompt of {front.name}",
        since=state.scene.since,
        evidence=_by("process", state),
        lasts=True,
    )


def _by_interpreter(state: State, now: float) -> Verdict | None:
    """Any other program that edits a line, at what looks like its prompt."""
    scene, look = state.scene, state.look
    if scene is None or look is None or scene.canonical or scene.echoes or look.screen.alternate or _labours(state):
        return None
    column, _ = look.screen.cursor
    if column == 0 or state.asked is None or not is_prompt(state.asked.line) or _calm(state, now) < _PONDERS:
        return None
    why, since = f"is at its prompt ({_name(state)})", max(scene.begun, state.asked.since)
    return Verdict(attention=Attention.IDLE, why=why, since=since, evidence=_by("looks", state), lasts=True)


def _by_reading(state: State, now: float) -> Verdict | None:
    """A program in front is blocked until somebody types."""
    front = _front(state)
    if front is None or not front.reads or _labours(state) or _printing(state, now):
        return None
    line = state.asked.line if state.asked else ""
    why = f"asks: {line}" if line else f"waits for what is typed ({_name(state)})"
    since = _since_asked(state)
    return Verdict(attention=Attention.WAITS_FOR_INPUT, why=why, since=since, evidence=_by("process", state))


def _by_looks(state: State, now: float) -> Verdict | None:
    """Nothing moves, and what stands on the screen is a question."""
    if state.look is None or state.sample is None or _calm(state, now) < _PONDERS:
        return None
    front = _front(state)
    if front is not None and front.reads is False and state.sample.canonical:
        return None  # it can be seen that nobody reads
    line = _looks(state.look.screen, state.asked.line if state.asked else "", canonical=state.sample.canonical)
    if not line:
        return None
    evidence = {**_by("looks", state), "line": line}
    since = _since_asked(state)
    return Verdict(attention=Attention.WAITS_FOR_INPUT, why=f"seems to ask: {line}", since=since, evidence=evidence)


def _looks(screen: ScreenText, line: str, *, canonical: bool) -> str:
    """Return what looks like a question. Of a full-screen editor nobody knows what the text means that it shows."""
    column, row = screen.cursor
    if canonical:
        return line if column > 0 and asks(line) else ""
    at_end = column >= len(screen.lines[row]) if row < len(screen.lines) else False
    edits = not screen.alternate and at_end and column > 0
    return line if asks(line) or (edits and wants(line)) else menu(screen) or ""


def _by_notice(state: State, now: float) -> Verdict | None:
    """It rang or notified, said nothing more, and nobody has typed since."""
    rang = state.rang
    if rang is None or (state.typed or rang.at) > rang.at or _silent(state, now) < _PONDERS or _labours(state):
        return None
    after = state.moved is not None and state.moved > rang.at + _PONDERS
    if after or (not rang.notice and (state.sample is None or state.sample.canonical)):
        return None
    why = f"notifies: {rang.notice}" if rang.notice else "has rung the bell"
    evidence = _by("notice", state)
    return Verdict(attention=Attention.WAITS_FOR_INPUT, why=why, since=rang.at, evidence=evidence, lasts=True)


def _by_activity(state: State, now: float) -> Verdict | None:
    """Output, use of the CPU, or a program that has only just come to the front."""
    output, busy = state.output, state.busy
    begun = state.scene.begun if state.scene else 0.0
    prints = output is not None and output.last >= begun and now - output.last <= QUIET
    uses = busy is not None and now - busy.last <= QUIET
    if not prints and not uses:
        return _by_start(state, now)
    first = min(run.first for run, on in ((output, prints), (busy, uses)) if run is not None and on)
    first = max(first, begun)
    why = f"prints ({_name(state)})" if prints else f"uses the CPU and prints nothing ({_name(state)})"
    return Verdict(
        attention=Attention.WORKING, why=why, since=first, evidence=_by("output" if prints else "process", state)
    )


def _by_start(state: State, now: float) -> Verdict | None:
    since = state.scene.begun if state.scene is not None else state.began
    if since is None or now - since > QUIET:
        return None
    does = "goes on after it was answered" if state.scene is not None and state.scene.resumed else "has just begun"
    why = f"{does} ({_name(state)})"
    return Verdict(attention=Attention.WORKING, why=why, since=since, evidence=_by("start", state))


def _by_silence(state: State, now: float) -> Verdict | None:
    if state.began is None:
        return None
    since = max(_last(state, now), state.scene.begun if state.scene else state.began)
    keys = state.sample is not None and not state.sample.canonical
    why = f"waits for keys ({_name(state)})" if keys else f"prints nothing and uses no CPU ({_name(state)})"
    return Verdict(attention=Attention.IDLE, why=why, since=since, evidence=_by("silence", state))


_RULES: Final[tuple[Callable[[State, float], Verdict | None], ...]] = (
    _by_end, _by_stop, _by_sign, _by_hook, _by_secrecy, _by_prompt, _by_interpreter, _by_reading, _by_looks,
    _by_notice, _by_activity, _by_silence,
)  # fmt: skip


def _silent(state: State, now: float) -> float:
    """Seconds since anything moved."""
    return max(0.0, now - _last(state, now))


def _calm(state: State, now: float) -> float:
    """Seconds since it printed or used the CPU; the echo of what is typed is neither."""
    moves = (state.output and state.output.last, state.busy and state.busy.last, state.began)
    return max(0.0, now - max((at for at in moves if at is not None), default=now))


def _last(state: State, now: float) -> float:
    """When anything moved last."""
    moves = (state.moved, state.busy and state.busy.last, state.began)
    return max((at for at in moves if at is not None), default=now)


def _printing(state: State, now: float) -> bool:
    """Whether it prints just now; the echo of what is typed is nothing that it prints."""
    return state.output is not None and now - state.output.last < _HESITATES


def _labours(state: State) -> bool:
    return state.share >= _LABOURS


def _since_asked(state: State) -> float:
    starts = [found.since for found in (state.scene, state.asked) if found is not None]
    return max(starts, default=state.began or 0.0)


def _front(state: State) -> Front | None:
    return state.sample.front if state.sample else None


def _name(state: State) -> str:
    front = _front(state)
    return front.name if front else "its program"


def _by(rule: str, state: State) -> dict[str, Json]:
    """The facts of a verdict that do not change while it holds."""
    front = _front(state)
    return {"by": rule} if front is None else {"by": rule, "program": front.name, "reads_terminal": front.reads}
