"""The life of a session, and what is repaired once a machine has said what it holds."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_hub.errors import Conflict
from corral_hub.sessions import state
from corral_hub.sessions.model import LIVE, Session
from corral_hub.sessions.state import LEGAL, WORD, is_legal, reconcile, step
from corral_protocol.sessions import HeldSession
from corral_protocol.vocabulary import SessionStatus
from tests.hub.samples import NOW, PROJECT, new_id

S = SessionStatus
EVENTS: list[state.SessionEvent] = [
    state.Started(pid=7, tmux_name="orc-x", working_directory="/tmp"),
    state.Started(),
    state.NotStarted(error="no such directory"),
    state.Ended(exit_code=3, output_bytes=12),
    state.Ended(signal=9),
    state.Vanished(detail="gone"),
    state.Resized(cols=80, rows=24),
    state.Noticed(attention={"attention": "idle"}),
]


def a_session(status: SessionStatus = S.STARTING, **more: object) -> Session:
    made = Session(
        id=new_id(), server_id=new_id(), project_id=PROJECT, name="shell", status=S.STARTING, cols=120, rows=40,
        framed=True, created_by="user:x", created_at=NOW, updated_at=NOW, request={"env": {"A": "b"}},
    )  # fmt: skip
    ended = None if status in LIVE else NOW
    kept = made.request if status is S.STARTING else None
    return replace(made, status=status, ended_at=ended, request=kept, **more)


def test_the_tables_cover_every_event() -> None:
    assert set(LEGAL) == set(WORD) == {type(event) for event in EVENTS} == set(get_args(state.SessionEvent))


@given(st.lists(st.sampled_from(EVENTS), max_size=12))
def test_any_walk_keeps_what_the_table_of_rows_demands(events: list[state.SessionEvent]) -> None:
    session = a_session()
    for event in events:
        if not is_legal(session, event):
            assert session.status not in LEGAL[type(event)]
            continue
        session = step(session, event, NOW)
        assert (session.ended_at is None) == (session.status in LIVE)
        assert session.request is None or session.status is S.STARTING, "secrets stay no longer than they are needed"
        assert session.status is not S.RUNNING or session.started_at is not None


@pytest.mark.parametrize("status", sorted(set(S) - LIVE))
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_final_is_final(status: SessionStatus, event: state.SessionEvent) -> None:
    with pytest.raises(Conflict) as refused:
        step(a_session(status), event, NOW)
    assert refused.value.code == "session_ended"


def test_what_is_said_again_changes_nothing() -> None:
    for event in EVENTS:
        once = step(a_session(), event, NOW)
        if once.live:
            assert step(once, event, NOW) is once


@given(st.data())
def test_reconciling_leaves_nobody_out(data: st.DataObject) -> None:
    """Every session of either side is repaired, started again, missed, forgotten, or as it should be."""
    rows = [a_session(status) for status in data.draw(st.lists(st.sampled_from(S), max_size=6))]
    known = data.draw(st.lists(st.sampled_from(rows), unique_by=lambda row: row.id)) if rows else []
    held = [
        HeldSession(session_id=str(id), ended=data.draw(st.booleans()), offset=5, exit_code=1, pid=9)
        for id in [*(row.id for row in known), *(new_id() for _ in range(data.draw(st.integers(0, 3))))]
    ]
    repair = reconcile(held, rows)
    there = {item.session_id: item for item in held}
    for row in rows:
        item = there.get(str(row.id))
        events = [event for session, event in repair.changes if session is row]
        if not row.live:
            assert not events
            assert (item is not None) == (str(row.id) in repair.forget)
        elif item is None:
            assert (row in repair.again) == (row.status is S.STARTING)
            assert (row in repair.missing) == (row.status is S.RUNNING)
        else:
            (event,) = events
            assert isinstance(event, state.Ended) == item.ended
            assert item.ended == (str(row.id) in repair.forget)
            assert is_legal(row, event)
    assert {id for id in there if id not in {str(row.id) for row in rows}} <= set(repair.forget)


@pytest.mark.parametrize(
    ("event", "attention"),
    [
        (state.Ended(exit_code=0), "finished"),
        (state.Ended(exit_code=3), "dead"),
        (state.Ended(signal=9), "dead"),
        (state.Ended(), "dead"),
        (state.Vanished(detail="gone"), "dead"),
    ],
)
def test_what_has_ended_does_nothing_any_more(event: state.SessionEvent, attention: str) -> None:
    busy = step(a_session(S.RUNNING), state.Noticed(attention={"attention": "working", "since": 1.0}), NOW)
    over = step(busy, event, NOW).attention
    assert over is not None
    assert (over["attention"], over["since"]) == (attention, NOW.timestamp())
    said = {"attention": "dead", "why": "was ended by SIGKILL", "since": 7.0}
    assert step(step(busy, state.Noticed(attention=said), NOW), event, NOW).attention == said


def noticed(since: float, **more: object) -> state.Noticed:
    evidence = {"by": "process", "offset": 7}
    return state.Noticed(attention={"attention": "idle", "why": "w", "since": since, "evidence": evidence, **more})


def test_what_a_new_daemon_sees_as_the_last_one_did_began_when_that_one_said() -> None:
    before = step(a_session(S.RUNNING), noticed(5.0), NOW)
    assert step(before, noticed(9.0), NOW) is before
    for other in (noticed(9.0, why="x"), noticed(9.0, evidence={"offset": 8}), noticed(9.0, evidence=None)):
        after = step(before, other, NOW).attention
        assert after == other.attention
    assert step(step(a_session(), noticed(9.0), NOW), noticed(5.0), NOW).attention == noticed(5.0).attention


def test_an_end_is_told_with_its_exit_code() -> None:
    row = a_session(S.RUNNING)
    held = HeldSession(session_id=str(row.id), ended=True, exit_code=3, offset=99)
    ((_, event),) = reconcile([held], [row]).changes
    assert step(row, event, NOW).exit_code == 3
    assert step(row, event, NOW).output_bytes == 99
