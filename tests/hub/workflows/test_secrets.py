"""Secrets in definitions: what is found is replaced, and nothing else; what is sealed opens for its own place alone."""

import json
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_hub.errors import Unprocessable
from corral_hub.workflows import secrets
from corral_hub.workflows.sealing import NONCE, key_of, seal, unseal
from corral_protocol.capabilities import NodeManifest

CATALOGUE = {
    "ownHook": NodeManifest(type="ownHook", trigger="webhook"),
    "webhookTrigger": NodeManifest(type="webhookTrigger", trigger="webhook"),
    "work": NodeManifest(type="work"),
}
ONE = UUID(int=1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
SECRET = st.text(st.characters(categories=("L", "N")), min_size=1).map(lambda text: f"s3cret-{text}")
TYPE = st.sampled_from(["webhookTrigger", "ownHook", "work", "strange"])


def node(parameters: Any, type: str = "webhookTrigger") -> dict[str, Any]:
    return {"id": "hook", "type": type, "parameters": parameters}


def marked(place: secrets.Place) -> UUID:
    return uuid5(ONE, place.pointer)


@given(st.lists(st.fixed_dictionaries({"id": st.text(), "type": TYPE, "parameters": st.fixed_dictionaries(
    {"path": JSON}, optional={"secret": SECRET, "headerValue": SECRET})}), max_size=4))  # fmt: skip
def test_secrets_are_replaced_and_nothing_else(nodes: list[dict[str, Any]]) -> None:
    before = json.dumps(nodes)
    found = secrets.given(secrets.find({"nodes": nodes, "edges": []}, CATALOGUE))
    put: Any = secrets.put({"nodes": nodes, "edges": []}, {place: marked(place) for place in found})
    assert json.dumps(nodes) == before
    for old, new in zip(nodes, put["nodes"], strict=True):
        hook = old["type"] in ("webhookTrigger", "ownHook")
        for name, value in old["parameters"].items():
            kept = not hook or name not in secrets.NAMES
            assert (new["parameters"][name] == value) is kept
    again = secrets.find(put, CATALOGUE)
    assert secrets.given(again) == {} and secrets.named(again) == {place: marked(place) for place in found}


@given(JSON)
def test_whatever_is_sent_can_be_looked_through(written: Any) -> None:
    for value in (written, {"nodes": written}, {"nodes": [written]}, {"nodes": [node(written)]}):
        assert secrets.put(value, {}) == value
        assert secrets.find(value, CATALOGUE) == {}


def test_the_usual_type_is_known_without_any_machine() -> None:
    written = {"nodes": [node({"secret": "s", "headerValue": 5, "path": "p"}), node({"secret": "s"}, "work")]}
    found = secrets.find(written, {})
    assert {(place.pointer, text) for place, text in found.items()} == {
        ("/nodes/0/parameters/secret", "s"), ("/nodes/0/parameters/headerValue", "5"),
    }  # fmt: skip


@pytest.mark.parametrize("text", ["a\nb", "x" * 2001, "\x1b[0m"])
def test_a_secret_that_no_caller_could_send(text: str) -> None:
    with pytest.raises(Unprocessable) as refused:
        secrets.given(secrets.find({"nodes": [node({"secret": text})]}, {}))
    assert refused.value.code == "bad_secret" and text not in refused.value.detail


def test_a_reference_to_nothing_is_named() -> None:
    here, gone = UUID(int=2), UUID(int=3)
    written = {"nodes": [node({"secret": secrets.write_reference(here)}), node({"secret": f"secret:{gone.hex}"})]}
    named = secrets.named(secrets.find(written, {}))
    (problem,) = secrets.unknown(named, {here})
    assert (problem.path, problem.code, problem.warning) == ("/nodes/1/parameters/secret", "unknown_secret", False)
    assert secrets.read_reference("secret:me") is None and secrets.read_reference("secret:" + "A" * 32) is None


@given(st.text(st.characters(exclude_categories=("Cs",))), st.binary(min_size=NONCE, max_size=NONCE), st.data())
def test_a_box_opens_with_its_key_at_its_place_and_whole(text: str, nonce: bytes, data: st.DataObject) -> None:
    key = key_of("x" * 32)
    box = seal(key, nonce, text, "1/a")
    assert unseal(key, box, "1/a") == text
    assert unseal(key_of("y" * 32), box, "1/a") is None and unseal(key, box, "2/a") is None
    at = data.draw(st.integers(0, len(box) - 1))
    assert unseal(key, box[:at] + bytes([box[at] ^ 1]) + box[at + 1 :], "1/a") is None
    assert unseal(key, box[:at], "1/a") is None
