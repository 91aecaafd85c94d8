"""The whole life of daemon-run work under anything that can happen to it, in memory.

`Body.check` holds after every batch: nothing starts too early, one holder a task, slots as counted, `waiting_on` as it
is. Afterwards everybody behaves, and everything that can end must end.
"""

from hypothesis import given, settings
from hypothesis import strategies as st

from corral_hub.tasks.explain import pending
from corral_hub.tasks.moves import wanted
from corral_protocol.vocabulary import ENDED, TaskStatus
from tests.hub.life import Life

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["create", "create", "report", "report", "report", "request", "agents", "host", "time"]),
        st.integers(0, 40),
        st.integers(0, 40),
        st.booleans(),
    ),
    min_size=8,
    max_size=60,
)


@settings(max_examples=2 * settings().max_examples)
@given(STEPS)
def test_whatever_happens_it_comes_to_an_end(steps: list[tuple[str, int, int, bool]]) -> None:
    life = Life()
    for step in steps:
        life.act(*step)
    life.finish()
    body = life.body
    assert all(host.used == 0 for host in body.fleet.views())
    for task in body.tasks.values():
        dead_end = [
            edge for edge in body.edges.values()
            if edge.task_id == task.id and edge.blocking and body.tasks[edge.upstream].status is not TaskStatus.DONE
        ]  # fmt: skip
        assert task.status in (TaskStatus.DONE, TaskStatus.CANCELLED) or dead_end, (task.status, task.reason)
        assert task.status in ENDED or task.reason or pending(task, body.fleet, wanted(task)), "what waits says why"
