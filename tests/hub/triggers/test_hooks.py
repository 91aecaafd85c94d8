"""Who may call a webhook, and what a run is told of the call."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_hub.errors import Forbidden, MethodNotAllowed, Refused, TooLarge, Unauthenticated
from corral_hub.text import check_json
from corral_hub.triggers.hooks import Hook, check_caller, check_method, check_signature, check_size, read_hook
from corral_hub.triggers.payload import read_payload
from corral_hub.triggers.reading import BadTrigger
from corral_hub.workflows.fulfil.names import read_name, write_name
from corral_hub.workflows.fulfil.respond import read_answer
from corral_protocol.nodes import Respond

NOW = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)
SECRET = "kéy"


def hook(**parameters: Any) -> Hook:
    return read_hook({"path": "p", **parameters})


def sign(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def judge(asked: Hook, headers: dict[str, str], body: bytes = b"") -> None:
    check_caller(asked, headers)
    check_signature(asked, headers, body, NOW)


@pytest.mark.parametrize(
    "path", ["", "/", "a//b", "../x", "a/../b", ".", "a b", "a?b", "ä", "x" * 300, "a\nb", 5.5j and {"a": 1}, True]
)
def test_paths_that_cannot_be(path: Any) -> None:
    with pytest.raises(BadTrigger):
        read_hook({"path": path})


def test_nobody_is_let_in_by_an_empty_secret() -> None:
    for asks in ("header", "bearer", "hmac"):
        with pytest.raises(BadTrigger):
            hook(authentication=asks)


def test_methods() -> None:
    check_method(hook(method="ALL"), "DELETE")
    with pytest.raises(MethodNotAllowed) as refused:
        check_method(hook(method="PUT"), "POST")
    assert refused.value.extras["allow"] == "PUT"


HEADER = hook(authentication="header", headerName="X-Own", headerValue=SECRET)
BEARER = hook(authentication="bearer", secret=SECRET)
SIGNED = hook(authentication="hmac", secret=SECRET)
TIMED = hook(authentication="hmac", secret=SECRET, timestampHeader="X-Time", tolerance=60)
STAMP = str(int(NOW.timestamp()))


def test_who_knows_the_secret_gets_in() -> None:
    judge(hook(), {})
    judge(HEADER, {"x-own": SECRET})
    judge(BEARER, {"authorization": f"bearer {SECRET}"})
    judge(SIGNED, {"x-signature-256": f"sha256={sign(b'x')}"}, b"x")
    judge(SIGNED, {"x-signature-256": sign(b"x").upper()}, b"x")
    judge(TIMED, {"x-signature-256": sign(f"{STAMP}.x".encode()), "x-time": STAMP}, b"x")


@given(st.sampled_from([HEADER, BEARER, SIGNED, TIMED]), st.dictionaries(
    st.sampled_from(["x-own", "authorization", "x-signature-256", "x-time", "x-api-key"]),
    st.text(max_size=80), max_size=5), st.binary(max_size=50))  # fmt: skip
def test_nobody_else_does(asked: Hook, headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(Refused):
        judge(asked, headers, body)


def test_an_old_signature_is_worth_nothing() -> None:
    for stamp in (str(int(NOW.timestamp()) - 61), str(int(NOW.timestamp()) + 61), "-1", "1e9", "٣"):
        with pytest.raises(Forbidden):
            judge(TIMED, {"x-signature-256": sign(f"{stamp}.x".encode("latin-1", "replace")), "x-time": stamp}, b"x")
    with pytest.raises(Unauthenticated):
        judge(TIMED, {"x-signature-256": sign(b"x")}, b"x")


def test_a_body_is_as_long_as_the_webhook_takes() -> None:
    check_size(hook(), 1_048_576)
    check_size(hook(bodyLimit="2000000"), 1_999_999)
    with pytest.raises(TooLarge) as refused:
        check_size(hook(bodyLimit=10), 11)
    assert "at most 10 bytes" in refused.value.detail and "bodyLimit" in refused.value.hint
    for limit in (-1, 16_777_217, "much"):
        with pytest.raises(BadTrigger):
            hook(bodyLimit=limit)


def test_what_opens_doors_is_not_kept() -> None:
    headers = [("Authorization", "s3"), ("Cookie", "s3"), ("X-Own", "s3"), ("X-Auth-Token", "s3"), ("X-Api-Key", "s3"),
               ("X-Hub-Signature-256", "s3"), ("Accept", "a"), ("Accept", "b")]  # fmt: skip
    told = read_payload(HEADER, "POST", headers, [("q", "1"), ("q", "2")], b'{"a": 1}')
    assert told["headers"] == {"accept": "a, b"} and told["query"] == {"q": "1, 2"}
    assert (told["json"], told["body"], told["path"], told["method"]) == ({"a": 1}, '{"a": 1}', "p", "POST")
    assert "s3" not in json.dumps(told)


texts = st.text(st.characters(codec=None), max_size=20)


@given(st.lists(st.tuples(texts, texts), max_size=5), st.lists(st.tuples(texts, texts), max_size=5), st.binary())
def test_whatever_is_sent_can_be_stored(
    headers: list[tuple[str, str]], query: list[tuple[str, str]], body: bytes
) -> None:
    told = read_payload(hook(), "POST", headers, query, body)
    check_json(told)
    sent = base64.b64decode(str(told["body_base64"])) if "body_base64" in told else str(told["body"]).encode()
    assert sent == body


@pytest.mark.parametrize("body", [b'{"a": "\\u0000"}', b"[" * 5000, b"nope", b"1e999", b'"\\ud800"', b""])
def test_json_that_cannot_be_stored_is_left_as_text(body: bytes) -> None:
    assert read_payload(hook(), "POST", [], [], body)["json"] is None


# -- what a node answers ---------------------------------------------------------------------------


def test_answers() -> None:
    assert read_answer(Respond(status=201, body={"a": 1})).body == b'{"a":1}'
    assert read_answer(Respond(body="hi")).body == b'"hi"'
    assert read_answer(Respond(body="hi", content_type="text/plain")).body == b"hi"
    assert read_answer(Respond(status=204, body="hi")).body == b""


@pytest.mark.parametrize(
    "wish",
    [Respond(status=99), Respond(status=600), Respond(status=101), Respond(content_type="text/plain\r\nX-Evil: 1"),
     Respond(content_type="text/html; charset=utf-8\n"), Respond(content_type=""), Respond(content_type="a/b; x=y"),
     Respond(body="x" * 2_000_000)],
)  # fmt: skip
def test_answers_that_would_be_something_else(wish: Respond) -> None:
    with pytest.raises(ValueError):
        read_answer(wish)


@given(st.uuids(), st.text(st.characters(exclude_characters="[]{}/"), min_size=1), st.integers(1, 50))
def test_names_are_read_as_they_are_written(run_id: Any, key: str, attempt: int) -> None:
    name = write_name(run_id, key, attempt)
    found, read = read_name(name)
    assert found == run_id and (read == key or attempt == 1)
    assert read_name("task:x") == read_name(None) == read_name("run:nonsense/a") == (None, "")


def test_payloads_are_json() -> None:
    assert orjson.dumps(read_payload(hook(), "GET", [], [], b""))
