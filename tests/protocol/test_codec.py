"""The codec: what it writes it reads, and it accepts exactly what pydantic accepts of the same dataclasses."""

import json
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from corral_protocol.capabilities import Capabilities
from corral_protocol.codec import Malformed, decode, decode_tagged, encode, table
from corral_protocol.run import StructuredSpec, read_spec
from corral_protocol.to_daemon import TO_DAEMON, TaskAssigned
from corral_protocol.to_hub import TO_HUB, Heartbeat, Reconcile, TaskFinished, TaskOutput, TaskPlan
from tests.protocol.messages import Path, instances, json_values, spoiled

CLASSES = [*TO_HUB.values(), *TO_DAEMON.values(), StructuredSpec, Capabilities]
each_class = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
few = settings(max_examples=settings().max_examples // 2)
"""Of each class: there are thirty of them."""


def wire(value: Any) -> Any:
    """What the other side sees: through JSON text and back."""
    return json.loads(json.dumps(encode(value), allow_nan=False))


@cache
def adapter(cls: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(cls)


def pointer(path: Path) -> str:
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in path)


def refusal(cls: type[Any], value: Any) -> Malformed:
    with pytest.raises(Malformed) as caught:
        decode(cls, value)
    return caught.value


@each_class
@few
@given(data=st.data())
def test_round_trip(cls: type[Any], data: st.DataObject) -> None:
    message = data.draw(instances(cls))
    assert decode(cls, wire(message)) == message


@pytest.mark.parametrize("messages", [TO_HUB, TO_DAEMON], ids=["to hub", "to daemon"])
@given(data=st.data())
def test_the_tag_finds_the_class(messages: Mapping[str, type[Any]], data: st.DataObject) -> None:
    message = data.draw(st.sampled_from(list(messages.values())).flatmap(instances))
    assert decode_tagged(messages, wire(message)) == message


@each_class
@few
@given(data=st.data())
def test_it_agrees_with_pydantic(cls: type[Any], data: st.DataObject) -> None:
    value = data.draw(spoiled(wire(data.draw(instances(cls))))).body
    try:
        theirs = adapter(cls).validate_json(json.dumps(value), strict=True)
    except ValidationError:
        refusal(cls, value)
    else:
        assert decode(cls, value) == theirs


@each_class
@few
@given(data=st.data())
def test_the_pointer_says_where(cls: type[Any], data: st.DataObject) -> None:
    spoilt = data.draw(spoiled(wire(data.draw(instances(cls)))))
    try:
        decode(cls, spoilt.body)
    except Malformed as error:
        where = pointer(spoilt.path)
        assert error.pointer == where if spoilt.removed else (error.pointer + "/").startswith(where + "/")
        assert str(error).startswith(error.pointer or "/")


@given(value=json_values(8))
def test_anything_is_answered(value: Any) -> None:
    """A frame that is no message is Malformed, never another error."""
    for messages in (TO_HUB, TO_DAEMON):
        try:
            decode_tagged(messages, value)
        except Malformed as error:
            assert error.problem


@each_class
@few
@given(data=st.data())
def test_unknown_fields_are_ignored(cls: type[Any], data: st.DataObject) -> None:
    """An older peer must be able to read what a newer one says."""
    message = data.draw(instances(cls))
    body = {**wire(message), "added_in_version_99": data.draw(json_values())}
    assert decode(cls, body) == message


STARTED = {"seq": 1, "task_id": "t", "attempt": 1, "epoch": 1}
OUTPUT = {**STARTED, "stream": "stdout", "offset": 0, "data": ""}
ASSIGNED = {"task_id": "t", "title": "x"}


@pytest.mark.parametrize(
    ("cls", "value", "where", "says"),
    [
        (TaskOutput, [], "", "expected an object, got list"),
        (TaskOutput, {**STARTED, "offset": 0, "data": ""}, "/stream", "is required"),
        (TaskOutput, {**OUTPUT, "stream": "stdin"}, "/stream", "must be one of stdout, stderr"),
        (TaskOutput, {**OUTPUT, "seq": True}, "/seq", "expected int, got bool"),
        (TaskOutput, {**OUTPUT, "seq": 1.0}, "/seq", "expected int, got float"),
        (TaskOutput, {**OUTPUT, "seq": 2**63}, "/seq", "does not fit into 64 bits"),
        (TaskOutput, {**OUTPUT, "task_id": "\ud800"}, "/task_id", "is not valid Unicode"),
        (TaskFinished, {**STARTED, "outcome": {"duration": 10**400}}, "/outcome/duration", "does not fit into 64 bits"),
        (
            TaskFinished,
            {**STARTED, "outcome": {"error": {"kind": "bad luck", "message": ""}}},
            "/outcome/error/kind",
            "must",
        ),
        (Heartbeat, {"system_info": {"cpu_count": "8"}}, "/system_info/cpu_count", "expected int, got str"),
        (Reconcile, {"units": [{"task_id": "t", "attempt": 1, "epoch": 1}, {}]}, "/units/1/task_id", "is required"),
        (TaskAssigned, {**ASSIGNED, "resolved_inputs": []}, "/resolved_inputs", "expected an object, got list"),
        (Capabilities, {"repos": {"\ud800": "x"}}, "/repos", "is not valid Unicode"),
        (Capabilities, {"repos": {"a/b~c": 1}}, "/repos/a~1b~0c", "expected str, got int"),
    ],
)
def test_what_is_wrong_and_where(cls: type[Any], value: Any, where: str, says: str) -> None:
    error = refusal(cls, value)
    assert (error.pointer, error.problem[: len(says)]) == (where, says)


@pytest.mark.parametrize(
    ("frame", "where"),
    [
        (None, ""),
        ("ping", ""),
        ({}, "/type"),
        ({"type": 1}, "/type"),
        ({"type": "x" * 1000}, "/type"),
        ({"type": "ack"}, "/seq"),
    ],
)
def test_frames_without_a_class(frame: Any, where: str) -> None:
    with pytest.raises(Malformed) as caught:
        decode_tagged(TO_DAEMON, frame)
    assert caught.value.pointer == where
    assert len(str(caught.value)) < 200


def test_an_integer_is_a_float_where_a_float_is_wanted() -> None:
    finished = decode(TaskFinished, {**STARTED, "outcome": {"duration": 2}})
    assert isinstance(finished.outcome.duration, float)


def test_a_required_null_stays() -> None:
    assert wire(TaskPlan(**STARTED, plan=None)) == {"type": "task_plan", **STARTED, "plan": None}


def test_a_tag_is_declared_once() -> None:
    class One:
        TYPE: ClassVar = "same"

    class Two:
        TYPE: ClassVar = "same"

    with pytest.raises(ValueError, match="'same' is declared twice"):
        table(One, Two)


def test_a_set_is_written_as_a_list() -> None:
    class Colour(StrEnum):
        RED = "red"

    assert encode({Colour.RED: frozenset({Colour.RED})}) == {"red": ["red"]}


def test_no_spec_means_by_hand() -> None:
    assert read_spec(None) == read_spec({}) == StructuredSpec()
    assert read_spec({}).run.kind == "manual"
