"""A unit in a terminal: what the next daemon is told, and how its end is judged."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.processes.ending import Exit
from corral_daemon.units import residence
from corral_daemon.units.job import Job, read_job
from corral_protocol.outcome import UnitError
from corral_protocol.vocabulary import ErrorClass, Phase
from tests.daemon.runner_world import task


def job(**more: Any) -> Job:
    run = {"kind": "session", "agent": "echo", **more.pop("run", {})}
    found = read_job(task(run=run, session_id="s1", **more))
    assert isinstance(found, Job)
    return found


@given(
    epoch=st.integers(0, 2**40), attempt=st.integers(1, 1000), phase=st.sampled_from(Phase),
    timeout=st.none() | st.floats(0.1, 1e6), begun=st.floats(0, 1e10),
)  # fmt: skip
def test_the_next_daemon_reads_what_matters(
    epoch: int, attempt: int, phase: Phase, timeout: float | None, begun: float
) -> None:
    before = job(epoch=epoch, attempt=attempt, phase=phase, run={"timeout": timeout})
    found = residence.read_note(residence.note(before, begun))
    assert found is not None
    assert found.begun == begun
    assert (found.job.unit, found.job.key, found.job.name) == (before.unit, before.key, before.name)
    assert (found.job.run.timeout, found.job.run.agent) == (timeout, "echo")


def test_neither_the_credential_nor_the_words_are_written_down() -> None:
    told = job(token="orc_secret", spec="a secret", run={"prompt": "a secret", "env": {"KEY": "a secret"}})
    assert "secret" not in str(residence.note(told, 1.0))


def test_a_note_of_another_version_is_none() -> None:
    for odd in ({}, {"assigned": 7, "begun": 1}, {"assigned": {}, "begun": 1.0}, {"assigned": {"task_id": "t"}}):
        assert residence.read_note(odd) is None


def test_an_end_without_a_result_is_no_success() -> None:
    left = residence.judge(Exit(code=0), None, None, ())
    assert left is not None
    assert left.kind is ErrorClass.AGENT_FAILED
    assert residence.judge(Exit(code=0), None, {"summary": "done"}, ()) is None
    broken = residence.judge(Exit(code=2), None, {"summary": "done"}, ("what it said",))
    assert broken == UnitError(kind=ErrorClass.EXIT_NONZERO, message="exit code 2\nwhat it said")
    late = UnitError(kind=ErrorClass.TIMEOUT, message="it ran longer than 2 s")
    assert residence.judge(Exit(signal=15, ordered=True), late, None, ()) == late
