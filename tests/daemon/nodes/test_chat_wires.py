"""The wire formats of language models: what is sent, what is read, what a refusal means, and where the key may go."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.chat.model import Message, Question, Unreadable
from corral_daemon.chat.patience import LONGEST, pause
from corral_daemon.chat.providers import ANTHROPIC, GEMINI, OPENAI, PROVIDERS, NoDoor, Provider, door, origin
from corral_daemon.chat.refusal import Reason, refusal
from corral_daemon.reach.busy import LONGEST as LONGEST_PAUSE
from corral_daemon.reach.busy import wanted_pause
from corral_daemon.storable import problem_of
from corral_protocol.codec import encode
from corral_protocol.vocabulary import ErrorClass
from tests.daemon.nodes.providers import KEY
from tests.protocol.messages import json_values

providers = pytest.mark.parametrize("provider", PROVIDERS.values(), ids=list(PROVIDERS))
numbers = st.none() | st.floats(0, 2)
questions = st.builds(
    Question,
    model=st.text(min_size=1, max_size=30),
    messages=st.lists(st.builds(Message, text=st.text()), min_size=1, max_size=3).map(tuple),
    system=st.text(max_size=20),
    max_tokens=st.integers(1, 200_000),
    temperature=numbers,
    top_p=numbers,
    top_k=st.none() | st.integers(1, 100),
    frequency_penalty=numbers,
    budget=st.none() | st.integers(1024, 16_000),
    effort=st.none() | st.just("low"),
    safety=st.sampled_from([None, "default", "strict", "permissive"]),
)


@providers
@given(question=questions)
def test_what_is_asked_is_json_with_every_text_in_it_and_the_key_nowhere_but_in_a_header(
    provider: Provider, question: Question
) -> None:
    request = provider.request(question, KEY)
    written = json.dumps(request.body, allow_nan=False)
    assert KEY not in written + request.path
    assert sum(KEY in value for value in request.headers.values()) == 1
    assert not any(KEY in value for value in provider.request(question, None).headers.values())
    assert all(json.dumps(message.text) in written for message in question.messages)


@providers
@given(body=json_values())
def test_whatever_comes_is_read_or_refused(provider: Provider, body: Any) -> None:
    for shaped in (body, {"choices": [{"message": body}], "usage": body}, {"content": body, "usage": body},
                   {"candidates": body, "usageMetadata": body}, {"candidates": [{"content": body}]}):  # fmt: skip
        refusal(200, shaped)
        try:
            reply = provider.read(shaped)
        except Unreadable:
            continue
        assert problem_of(encode(reply)) is None
        assert reply.usage.total >= 0


@given(thinks=st.booleans(), question=questions)
def test_anthropic_leaves_tokens_for_the_reply(thinks: bool, question: Question) -> None:
    body = ANTHROPIC.request(question, KEY).body
    if question.budget is not None:
        assert body["max_tokens"] > body["thinking"]["budget_tokens"]
        assert "temperature" not in body
    assert not {"temperature", "top_p"} <= set(body)


@pytest.mark.parametrize(
    ("model", "told"), [("gpt-4.1", True), ("gpt-5.4", False), ("o3-mini", False), ("openai/o1", False),
                        ("llama3.1", True), ("gpt-5-chat-latest", True), ("olmo", True)],
)  # fmt: skip
def test_models_that_reason_are_told_no_temperature(model: str, told: bool) -> None:
    body = OPENAI.request(Question(model=model, messages=(Message(text="x"),), temperature=0.5), KEY).body
    assert ("temperature" in body) is told
    assert body["max_tokens" if told else "max_completion_tokens"] == 4096


def test_what_can_be_stored_nowhere_costs_no_reply() -> None:
    said = json.loads(r'{"choices": [{"message": {"content": "a\u0000b\ud800c"}}]}')
    assert OPENAI.read(said).text == "a\ufffdb?c"


def test_a_model_is_one_part_of_geminis_path() -> None:
    question = Question(model="../v1/x:countTokens?a#b", messages=(Message(text="x"),))
    assert GEMINI.request(question, KEY).path == "v1beta/models/..%2Fv1%2Fx%3AcountTokens%3Fa%23b:generateContent"


# -- refusals ------------------------------------------------------------------------


REFUSALS = [
    (429, {"error": {"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded"}}, Reason.BUSY),
    (429, {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}, Reason.UNPAID),
    (402, {"error": {"message": "Insufficient Balance"}}, Reason.UNPAID),
    (400, {"type": "error", "error": {"type": "invalid_request_error",
                                      "message": "Your credit balance is too low"}}, Reason.UNPAID),
    (529, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, Reason.BUSY),
    (500, "<html>", Reason.BUSY),
    (503, {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}, Reason.BUSY),
    (401, {"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}, Reason.KEY),
    (403, {"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "API key not valid"}}, Reason.KEY),
    (404, {"error": {"message": "The model does not exist", "code": "model_not_found"}}, Reason.NO_MODEL),
    (400, {"error": {"message": "This model's maximum context length is 8192 tokens",
                     "code": "context_length_exceeded"}}, Reason.TOO_LONG),
    (400, {"type": "error", "error": {"type": "invalid_request_error",
                                      "message": "prompt is too long: 210000 tokens > 200000"}}, Reason.TOO_LONG),
    (400, {"error": {"code": 400, "status": "INVALID_ARGUMENT", "message":
                     "The input token count (1200000) exceeds the maximum number of tokens allowed"}}, Reason.TOO_LONG),
    (413, {"type": "error", "error": {"type": "request_too_large", "message": "x"}}, Reason.TOO_LONG),
    (400, {"error": {"message": "temperature must be 1"}}, Reason.REFUSED),
    (302, None, Reason.REFUSED),
    (200, {"error": {"code": 429, "message": "Provider returned error"}}, Reason.BUSY),
    (200, {"choices": [{"error": {"code": 502, "message": "upstream"}, "finish_reason": "error"}]}, Reason.BUSY),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "reason"), REFUSALS)
def test_what_a_refusal_means(status: int, body: Any, reason: Reason) -> None:
    found = refusal(status, body)
    assert found is not None
    assert found.reason is reason
    assert found.kind is (ErrorClass.UNAVAILABLE if reason is Reason.BUSY else ErrorClass.REPORTED)


@given(status=st.integers(100, 599), body=json_values())
def test_every_answer_is_a_reply_or_a_refusal_with_a_short_text(status: int, body: Any) -> None:
    found = refusal(status, body, "x" * 10_000)
    assert found is not None or 200 <= status < 300
    assert found is None or len(found.said) <= 500


# -- patience ------------------------------------------------------------------------


@given(
    kind=st.sampled_from(ErrorClass), asked=st.none() | st.floats(0, 1e9), tried=st.integers(0, 100),
    chance=st.floats(0, 1, exclude_max=True),
)  # fmt: skip
def test_a_pause_is_what_was_asked_for_or_none(
    kind: ErrorClass, asked: float | None, tried: int, chance: float
) -> None:
    waits = pause(kind, asked, tried, chance)
    if waits is None:
        assert kind is not ErrorClass.UNAVAILABLE or (asked or 0) > LONGEST
    else:
        assert (asked or 0) <= waits <= LONGEST


@given(said=st.text(max_size=40) | st.floats().map(str), now=st.floats(0, 4e9))
def test_what_a_server_says_of_waiting_is_bounded(said: str, now: float) -> None:
    found = wanted_pause({"retry-after": said}, now)
    assert found is None or 0 <= found <= LONGEST_PAUSE


@pytest.mark.parametrize(
    ("said", "pause"), [("7", 7.0), ("0.5", 0.5), ("-3", 0.0), ("Thu, 01 Jan 1970 00:01:40 GMT", 60.0), ("soon", None),
                        ("nan", None), ("", None), ("1e99", LONGEST_PAUSE)],
)  # fmt: skip
def test_seconds_and_dates(said: str, pause: float | None) -> None:
    assert wanted_pause({"retry-after": said}, 40.0) == pause


# -- where the key may go ------------------------------------------------------------


hosts = st.sampled_from(["api.openai.com", "evil.example", "127.0.0.1", "api.openai.com.evil.example", "mine.example"])
urls = st.builds(
    "{}://{}{}{}".format, st.sampled_from(["http", "https"]), hosts, st.sampled_from(["", ":443", ":8080"]),
    st.sampled_from(["", "/v1", "/v1/"]),
)  # fmt: skip


@given(asked=st.just("") | urls, owners=st.none() | urls, key=st.none() | st.just(KEY))
def test_the_key_goes_to_the_provider_or_where_its_owner_says(asked: str, owners: str | None, key: str | None) -> None:
    environment = {name: value for name, value in (("OPENAI_API_KEY", key), ("OPENAI_BASE_URL", owners)) if value}
    try:
        found = door(OPENAI, asked, environment)
    except NoDoor:
        assert key is None
        return
    assert found.base == (asked or owners or OPENAI.base)
    named = {origin(url) for url in (OPENAI.base, owners) if url}
    assert (found.key is not None) <= (origin(found.base) in named)


@pytest.mark.parametrize("url", ["ftp://x/", "x", "http://", "https://a:b@x/v1", "http://x:99999/", "http://x/?a=b"])
def test_what_is_no_base_url(url: str) -> None:
    with pytest.raises(NoDoor):
        door(OPENAI, url, {"OPENAI_API_KEY": KEY})


@pytest.mark.parametrize("base", ["http://x/", "http://x", "http://x/v1", "http://x/v1/"])
def test_a_version_is_written_once(base: str) -> None:
    assert door(ANTHROPIC, base, {}).url("v1/messages") == "http://x/v1/messages"
