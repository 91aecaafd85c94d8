"""Nothing that the hub cannot store becomes a record."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.ports import Unit
from corral_daemon.reporting import MAX_CHUNK, SpoolReporter
from corral_daemon.spool.spool import Spool
from corral_daemon.storable import MAX_LENGTH, problem_of, readable, storable
from corral_protocol.codec import Json
from corral_protocol.outcome import Outcome, UnitError
from corral_protocol.vocabulary import ErrorClass, Stream

ANY_TEXT = st.text(st.characters(codec=None))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
)
DEEP: Json = []
for _ in range(70):
    DEEP = [DEEP]


def can_be_stored(value: Json) -> bool:
    """What PostgreSQL's jsonb takes."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
    except ValueError:
        return False
    return "\\u0000" not in text


@given(JSON)
def test_what_passes_can_be_stored(value: Json) -> None:
    kept = storable(Outcome(result=value, usage=value, error=None))
    assert can_be_stored([kept.result, kept.usage, kept.error and kept.error.message])
    if problem_of(value) is None:
        assert kept.error is None and kept.result == value
    else:
        assert kept.error and kept.error.kind is ErrorClass.RESULT_UNREADABLE


@given(ANY_TEXT)
def test_messages_stay_readable(text: str) -> None:
    assert can_be_stored(readable(text))
    assert readable(readable(text)) == readable(text)


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ({"a": ["ok", "x\x00"]}, "/a/1 holds a NUL"),
        ({"a": math.nan}, "/a is not a finite number"),
        ({"a\ud800": 1}, "surrogate"),
        (DEEP, "nested deeper"),
        ("x" * MAX_LENGTH, "longer than 8 MiB"),
    ],
)
def test_the_problem_is_named(value: Json, part: str) -> None:
    assert part in (problem_of(value) or "")


def test_an_error_that_is_there_is_kept() -> None:
    told = UnitError(kind=ErrorClass.TIMEOUT, message="late\x00")
    kept = storable(Outcome(error=told, result="\x00", duration=math.inf))
    assert kept.error == UnitError(kind=ErrorClass.TIMEOUT, message="late\ufffd")
    assert (kept.result, kept.duration) == (None, 0.0)


async def test_a_plan_that_cannot_be_stored_ends_the_unit_and_long_output_is_cut(tmp_path: Path) -> None:
    spool = Spool.open(tmp_path)
    reporter = SpoolReporter(spool, lambda: 0.0)
    unit = Unit(task_id="t", attempt=1, epoch=1)
    await reporter.output(unit, Stream.STDERR, 5, b"x" * (MAX_CHUNK + 1))
    await reporter.planned(unit, {"summary": "\x00"})
    frames = [json.loads(record.frame) for record in await spool.unacked(0, 10)]
    assert [frame.get("offset") for frame in frames] == [5, 5 + MAX_CHUNK, None]
    assert frames[2]["type"] == "task_finished"
    assert frames[2]["outcome"]["error"]["kind"] == "result_unreadable"
    await spool.close()
