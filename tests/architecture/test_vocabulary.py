"""One vocabulary: a shape is declared once, in protocol/, and its words are never taken back."""

import ast
import dataclasses
import enum
import inspect
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest

from corral_daemon.link.handlers import HANDLERS as DAEMON_HANDLERS
from corral_hub.bus.facts import Shown
from corral_hub.gateway.handlers import HANDLERS as HUB_HANDLERS
from corral_hub.gateway.telling import MESSAGES as TOLD
from corral_hub.gateway.telling import Tellable
from corral_hub.gateway.terminals import HANDLERS as VIEWER_HANDLERS
from corral_hub.gateway.watched import KINDS
from corral_protocol import vocabulary
from corral_protocol.to_daemon import TO_DAEMON, ToDaemon
from corral_protocol.to_hub import TO_HUB, Durable, ToHub
from corral_protocol.viewers import FROM_VIEWER, TO_VIEWER, FromViewer, ToViewer
from tests.architecture.source import PACKAGES, Source, none_of, product

RELEASED = Path(__file__).with_name("released_words.json")
WAYS: tuple[tuple[str, Mapping[str, type[Any]]], ...] = (
    ("→ hub", TO_HUB), ("→ daemon", TO_DAEMON), ("viewer → hub", FROM_VIEWER), ("→ viewer", TO_VIEWER),
)  # fmt: skip
MESSAGES = list(dict.fromkeys(cls for _, table in WAYS for cls in table.values()))
KEYWORD_ONLY = inspect.Parameter.KEYWORD_ONLY
UNIT_KEY = {"task_id", "attempt", "epoch"}
NODE_KEY = {"run_id", "key", "attempt"}


def words() -> dict[str, list[str]]:
    """Every enum of the vocabulary, and the wire's tags with their fields."""
    enums = {
        name: [member.value for member in kind]
        for name, kind in vars(vocabulary).items()
        if isinstance(kind, type) and issubclass(kind, enum.StrEnum) and kind is not enum.StrEnum
    }
    tags = {f"{tag} {way}": fields(cls) for way, table in WAYS for tag, cls in table.items()}
    return enums | tags


def fields(cls: type[Any]) -> list[str]:
    return [field.name for field in dataclasses.fields(cls)]


def test_released_words_are_kept() -> None:
    """Older peers and stored rows speak them. A new word is added to the file; one is never taken out of it."""
    released = json.loads(RELEASED.read_text())
    current = words()
    none_of(
        f"{name}: {word!r} was released and is gone"
        for name, listed in released.items()
        for word in listed
        if word not in current.get(name, [])
    )
    none_of(
        f"{name}: {word!r} is new; add it to {RELEASED.name}"
        for name, listed in current.items()
        for word in listed
        if word not in released.get(name, [])
    )


@pytest.mark.parametrize("message", MESSAGES, ids=lambda cls: cls.__name__)
def test_a_message_is_a_value(message: type[Any]) -> None:
    assert message.__dataclass_params__.frozen
    assert "__slots__" in vars(message)
    assert {parameter.kind for parameter in inspect.signature(message).parameters.values()} <= {KEYWORD_ONLY}


def test_the_tables_hold_the_unions() -> None:
    assert set(TO_HUB.values()) == set(get_args(ToHub))
    assert set(TO_DAEMON.values()) == set(get_args(ToDaemon))
    assert set(FROM_VIEWER.values()) == set(get_args(FromViewer))
    assert set(TO_VIEWER.values()) == set(get_args(ToViewer))


def test_durable_messages_carry_their_number_and_their_unit() -> None:
    for message in TO_HUB.values():
        has = set(fields(message))
        assert ("seq" in has) is (message in get_args(Durable)), message
        assert "seq" not in has or has >= UNIT_KEY or has >= NODE_KEY, message


def test_the_daemon_handles_every_message() -> None:
    assert set(DAEMON_HANDLERS) == set(TO_DAEMON.values())


def test_the_hub_handles_every_message() -> None:
    assert set(HUB_HANDLERS) == set(TO_HUB.values())
    assert set(VIEWER_HANDLERS) == set(FROM_VIEWER.values())


def test_a_viewer_can_be_told_of_every_fact_that_is_shown() -> None:
    assert set(TOLD) == set(get_args(Tellable))
    assert set(KINDS) == set(get_args(Tellable)) - set(get_args(Shown))


def test_nobody_spells_a_message_out() -> None:
    """A frame is made from its dataclass by `encode`, never as a literal with a "type" in it."""
    messages = {**TO_HUB, **TO_DAEMON}
    none_of(
        f"{source.name}:{node.lineno} spells out the wire message {tag!r}"
        for source in _outside_the_protocol()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Dict)
        for body in [_literal(node)]
        if (tag := body.get("type")) in messages and body.keys() <= {"type", *fields(messages[tag])}
    )


def test_nobody_compares_with_a_spelled_out_status() -> None:
    spelled = {status.value for status in vocabulary.TaskStatus}
    none_of(
        f"{source.name}:{node.lineno} compares with {sorted(found)}; use TaskStatus"
        for source in _outside_the_protocol()
        if PACKAGES["corral_cli"] not in source.path.parents
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Compare) and "task.status" in ast.unparse(node.left)
        if (found := _strings(node) & spelled)
    )


def _outside_the_protocol() -> Iterator[Source]:
    return (source for source in product() if PACKAGES["corral_protocol"] not in source.path.parents)


def _literal(node: ast.Dict) -> dict[Any, Any]:
    """The keys that are written out, with their values where those are written out too."""
    pairs = zip(node.keys, node.values, strict=True)
    return {key.value: getattr(value, "value", None) for key, value in pairs if isinstance(key, ast.Constant)}


def _strings(node: ast.Compare) -> set[str]:
    constants = (inner for side in node.comparators for inner in ast.walk(side) if isinstance(inner, ast.Constant))
    return {inner.value for inner in constants if isinstance(inner.value, str)}
