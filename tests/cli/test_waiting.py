"""The verdict of `wait` on every state."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from corral_cli.waiting import ASKS_A_PERSON, Verdict, expand, judge, judge_all
from corral_protocol.vocabulary import ENDED, TaskStatus

STATES = st.sampled_from(list(TaskStatus))
WANTED = st.sets(STATES, min_size=1)


@given(STATES, WANTED, st.booleans())
def test_the_wanted_state_is_always_reached(status: TaskStatus, wanted: set[TaskStatus], patient: bool) -> None:
    assert judge(status, wanted | {status}, patient=patient) is Verdict.REACHED


@given(STATES, WANTED, st.booleans())
def test_an_ended_task_is_never_waited_for(status: TaskStatus, wanted: set[TaskStatus], patient: bool) -> None:
    verdict = judge(status, wanted, patient=patient)
    assert (verdict in (Verdict.REACHED, Verdict.MISSED)) or status not in ENDED
    assert verdict is not Verdict.MISSED or status in ENDED
    assert verdict is not Verdict.ASKS or (status in ASKS_A_PERSON and not patient)


@given(st.lists(STATES, min_size=1, max_size=5), WANTED)
def test_together_all_must_reach_and_one_that_missed_ends_it(states: list[TaskStatus], wanted: set[TaskStatus]) -> None:
    together = judge_all([{"status": state} for state in states], wanted)
    single = {judge(state, wanted) for state in states}
    assert (together is Verdict.REACHED) == (single == {Verdict.REACHED})
    assert (together is Verdict.MISSED) == (Verdict.MISSED in single)


def test_without_words_done_is_wanted() -> None:
    assert expand([]) == {"done"}
    assert expand(["ended"]) == ENDED
    assert expand(["review", "done"]) == {"review", "done"}
    with pytest.raises(ValueError, match="finished"):
        expand(["finished"])
    assert judge("done", {"running"}) is Verdict.REACHED
    assert judge("failed", {"running"}) is Verdict.MISSED
