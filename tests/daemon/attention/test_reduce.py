"""What must hold whatever is noticed, in whatever order things happen."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.agents.adapter import ScreenText, Sign
from corral_daemon.attention.model import (
    Ended,
    Front,
    Hooked,
    Looked,
    Moved,
    Rang,
    Sampled,
    Signal,
    State,
    Typed,
    Verdict,
)
from corral_daemon.attention.reduce import QUIET, SETTLES, reduce
from corral_daemon.attention.verdict import verdict
from corral_protocol.vocabulary import Attention

LINES = ("", "$ ", "Proceed? [y/N] ", "Password: ", "make[1]: Entering", "? Pick one ›", "Compiling… 3/9")
SIGNS = st.one_of(st.none(), *(st.just(Sign(attention=each, why=each)) for each in list(Attention)[:3]))
SCREENS = st.builds(
    lambda lines, column, row: ScreenText(lines=tuple(lines), cursor=(column, row)),
    st.lists(st.sampled_from(LINES), max_size=4),
    st.integers(0, 20),
    st.integers(0, 5),
)
FRONTS = st.builds(
    Front,
    pgid=st.integers(1, 3),
    name=st.sampled_from(("bash", "make", "node")),
    alone=st.booleans(),
    state=st.sampled_from("RSDT"),
    reads=st.sampled_from((True, False, None)),
)
AT = st.just(0.0)
SAMPLES = st.builds(
    Sampled,
    at=AT,
    cpu=st.floats(0, 100),
    front=st.one_of(st.none(), FRONTS),
    canonical=st.booleans(),
    echoes=st.booleans(),
)
LOOKS = st.builds(Looked, at=AT, screen=SCREENS, sign=SIGNS)
OTHERS = st.one_of(
    st.builds(Moved, at=AT, count=st.sampled_from((1, 5000))),
    st.builds(Typed, at=AT),
    st.builds(Rang, at=AT, notice=st.sampled_from(("", "Your turn"))),
    st.builds(Hooked, at=AT, attention=st.sampled_from(list(Attention)[:3]), why=st.just("says so")),
)
GAPS = st.sampled_from((0.0, 0.01, 0.2, SETTLES, 1.0, 3.0, QUIET, 61.0))
HISTORIES = st.lists(st.tuples(GAPS, st.one_of(SAMPLES, LOOKS, OTHERS)), max_size=25)


def timed(history: Sequence[tuple[float, Signal]]) -> list[Signal]:
    now, signals = 100.0, []
    for gap, signal in history:
        now += gap
        signals.append(replace(signal, at=now))
    return signals


def after(signals: Sequence[Signal]) -> State:
    state = State()
    for signal in signals:
        state = reduce(state, signal)
    return state


def judged(signals: Sequence[Signal], later: float = 0.0) -> Verdict:
    return verdict(after(signals), (signals[-1].at if signals else 100.0) + later)


@given(HISTORIES, GAPS)
def test_evidence_began_before_it_was_judged(history: list[tuple[float, Signal]], later: float) -> None:
    signals = timed(history)
    found = judged(signals, later)
    begin = signals[0].at if signals else 100.0
    assert min(begin, signals[-1].at if signals else begin) - SETTLES <= found.since
    assert found.since <= (signals[-1].at if signals else 100.0) + later
    assert found.why


@given(HISTORIES, GAPS)
def test_looking_twice_at_the_same_changes_nothing(history: list[tuple[float, Signal]], later: float) -> None:
    signals = timed(history)
    twice = [copy for one in signals for copy in ((one, one) if isinstance(one, Looked | Sampled) else (one,))]
    assert judged(twice, later) == judged(signals, later)


@given(HISTORIES, GAPS, GAPS)
def test_a_judgement_that_stays_keeps_its_beginning(
    history: list[tuple[float, Signal]], one: float, two: float
) -> None:
    signals = timed(history)
    if signals:
        first, second = judged(signals, one), judged(signals, two)
        if (first.attention, first.why) == (second.attention, second.why):
            assert first.since == second.since


@given(HISTORIES, st.sampled_from((0, 1, None)), HISTORIES)
def test_the_end_is_final(
    history: list[tuple[float, Signal]], code: int | None, more: list[tuple[float, Signal]]
) -> None:
    signals = timed(history)
    end = Ended(at=signals[-1].at if signals else 100.0, code=code, signal=None if code is not None else 9)
    found = judged([*signals, end, *timed(more)], 5.0)
    assert found.attention is (Attention.FINISHED if code == 0 else Attention.DEAD)
    assert found.since == end.at


@given(HISTORIES)
def test_who_provably_reads_nothing_never_waits_for_input(history: list[tuple[float, Signal]]) -> None:
    """A silent compiler, whatever stands on its screen: no agent, no bell, an ordinary terminal, nobody reads."""
    state = State()
    for signal in timed(history):
        if isinstance(signal, Rang | Hooked):
            continue
        quiet = signal
        if isinstance(signal, Sampled):
            front = replace(signal.front or Front(pgid=1, name="cc1"), reads=False)
            quiet = replace(signal, canonical=True, echoes=True, front=front)
        elif isinstance(signal, Looked):
            quiet = replace(signal, sign=None)
        state = reduce(state, quiet)
        if state.sample is not None:
            assert verdict(state, signal.at).attention is not Attention.WAITS_FOR_INPUT


@given(HISTORIES, st.sampled_from(list(Attention)[:3]))
def test_what_the_screen_of_an_agent_shows_for_long_is_what_it_does(
    history: list[tuple[float, Signal]], attention: Attention
) -> None:
    """Whatever it prints and uses; only a stop, and an end, count for more."""
    signals = timed(history)
    at = (signals[-1].at if signals else 100.0) + 1.0
    sign = Sign(attention=attention, why="so it shows")
    more: list[Signal] = [
        Sampled(at=at, front=Front(pgid=1, name="node")),
        Moved(at=at, count=9),
        Looked(at=at, screen=ScreenText(lines=()), sign=sign),
        Looked(at=at + 2 * SETTLES, screen=ScreenText(lines=()), sign=sign),
    ]
    found = judged([*signals, *more])
    assert (found.attention, found.why) == (attention, "so it shows")


def test_a_sign_that_is_gone_for_a_moment_was_never_gone() -> None:
    works, asks = Sign(attention=Attention.WORKING, why="works"), Sign(attention=Attention.WAITS_FOR_INPUT, why="asks")
    blank = ScreenText(lines=())

    def shows(at: float, sign: Sign | None) -> Looked:
        return Looked(at=at, screen=blank, sign=sign)

    flickers = [shows(0.0, works), shows(5.0, None)]
    assert judged(flickers).why == "works"
    assert judged(flickers, SETTLES).attention is not Attention.IDLE
    assert judged([shows(0.0, works), shows(5.0, asks)]).why == "works"
    assert judged([shows(0.0, works), shows(5.0, asks)], SETTLES).since == 5.0
    assert judged([shows(0.0, asks), shows(5.0, works)]).why == "works", "that it works is believed at once"


def test_an_interface_that_works_and_does_not_move_is_not_believed_for_ever() -> None:
    works = Sign(attention=Attention.WORKING, why="works")
    stuck = [Moved(at=0.0, count=1), Looked(at=0.1, screen=ScreenText(lines=()), sign=works)]
    assert judged(stuck, 30.0).attention is Attention.WORKING
    assert judged(stuck, 120.0).attention is Attention.IDLE
