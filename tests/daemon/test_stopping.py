"""TERM, patience, KILL: on random sequences of what can happen."""

from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.processes.stopping import Course, Stage, on_exit, on_order, on_time

times = st.floats(0, 100)
EVENTS = st.lists(
    st.tuples(st.sampled_from(["exit", "order", "time"]), st.floats(0, 20), st.floats(0, 20)), max_size=30
)


@given(EVENTS)
def test_a_tree_only_ever_gets_closer_to_its_end(events: list[tuple[str, float, float]]) -> None:
    course, now = Course(), 0.0
    for what, pause, grace in events:
        now += pause
        before = course
        course = {"exit": on_exit, "order": on_order, "time": on_time}[what](course, now, grace)
        assert course.stage >= before.stage
        assert course.ordered >= before.ordered
        if before.stage is Stage.TERMINATING and course.stage is Stage.TERMINATING:
            assert before.until is not None and course.until is not None
            assert course.until <= before.until


@given(times, times)
def test_killing_begins_when_the_grace_is_over_and_not_before(now: float, grace: float) -> None:
    course = on_order(Course(), now, grace)
    assert course.ordered
    assert on_time(course, now + grace, 0).stage is Stage.KILLING
    if grace > 1:
        assert on_time(course, now + grace / 2, 0).stage is Stage.TERMINATING


def test_leftovers_of_a_process_that_ended_by_itself_were_not_ordered_to_stop() -> None:
    course = on_order(on_exit(Course(), 0, 1), 0.5, 1)
    assert course.stage is Stage.TERMINATING
    assert not course.ordered
