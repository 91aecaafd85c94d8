"""Chat models as nodes: asked over real sockets, tried again, refused, and silent about their key."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from corral_daemon.chat import talk
from corral_daemon.chat.providers import PROVIDERS
from corral_daemon.nodes import shipped
from corral_daemon.probes.nodes import nodes as nodes_probe
from corral_daemon.probing import Bench, Declared
from corral_daemon.reach.policy import Policy
from tests.daemon.nodes.providers import KEY, provider, refuse
from tests.daemon.nodes.servers import Asked, response, serving
from tests.daemon.nodes.step_world import Stage, given, stage, text

TYPES = {f"{name}ChatModel": known for name, known in PROVIDERS.items()}
each = pytest.mark.parametrize("type", TYPES)


COMMON = {"systemMessage", "maxTokens", "temperature", "timeout", "maxRetries", "topP"}
OPTIONS: dict[str, set[str]] = {
    "openaiChatModel": {"frequencyPenalty", "presencePenalty", "responseFormat", "thinkingEnabled", "reasoningEffort"},
    "anthropicChatModel": {"topK", "thinkingEnabled", "thinkingBudget"},
    "geminiChatModel": {"topK", "safetySettings", "thinkingEnabled", "thinkingBudget"},
    "openrouterChatModel": {"frequencyPenalty", "presencePenalty"},
    "groqChatModel": {"thinkingEnabled", "reasoningFormat"},
    "cerebrasChatModel": set(),
    "deepseekChatModel": {"frequencyPenalty", "presencePenalty"},
    "kimiChatModel": set(),
    "mistralChatModel": set(),
}
"""Besides those that all have, as in MachinaOs' editor; but for Cerebras' thinking, which its API does not take so."""


@each
def test_parameters_have_the_names_that_files_use(type: str) -> None:
    manifest = next(kind.manifest for kind in shipped() if kind.manifest.type == type)
    assert set(manifest.parameters["properties"]) == {"model", "prompt", "options", "baseUrl"}
    assert set(manifest.parameters["properties"]["options"]["properties"]) == COMMON | OPTIONS[type]
    assert set(manifest.result["properties"]) == {
        "response", "thinking", "thinking_enabled", "model", "provider", "finish_reason", "timestamp", "usage", "input",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("type", "options", "sent"),
    [
        ("openaiChatModel", {"responseFormat": "json_object", "topP": 0.5, "frequencyPenalty": 1},
         {"response_format": {"type": "json_object"}, "top_p": 0.5, "frequency_penalty": 1.0}),
        ("openaiChatModel", {"thinkingEnabled": True, "reasoningEffort": "low"}, {"reasoning_effort": "low"}),
        ("openaiChatModel", {"reasoningEffort": "low"}, {}),
        ("groqChatModel", {"thinkingEnabled": True}, {"reasoning_format": "parsed"}),
        ("anthropicChatModel", {"temperature": 0, "topP": 1, "topK": 3}, {"temperature": 0.0, "top_k": 3}),
        ("anthropicChatModel", {"thinkingEnabled": True, "maxTokens": 9},
         {"thinking": {"type": "enabled", "budget_tokens": 2048}, "max_tokens": 2057}),
        ("deepseekChatModel", {"maxTokens": 9}, {"max_tokens": 9}),
        ("kimiChatModel", {}, {}),
    ],
)  # fmt: skip
async def test_what_is_sent_is_what_was_chosen_and_nothing_else(
    here: Stage, type: str, options: dict[str, Any], sent: dict[str, Any]
) -> None:
    async with serving(provider) as server:
        owned(here, type, server.url("/"))
        await here.run(type, {"model": "m", "prompt": "p", "options": options})
    body = json.loads(server.asked[0].body)
    limit = {"max_completion_tokens": 4096} if type == "groqChatModel" else {"max_tokens": 4096}
    assert body == {"model": "m", "messages": [{"role": "user", "content": "p"}], **limit, **sent}


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Stage]:
    """A machine whose owner has a key of everybody, and allows its own addresses."""
    keys = {known.keys[0]: KEY for known in PROVIDERS.values()}
    async with stage(tmp_path, reach=Policy.read(["127.0.0.0/8"]), environment=keys) as made:
        yield made


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What a node waits for is noted, not waited for."""
    noted: list[float] = []

    async def note(seconds: float) -> None:
        noted.append(seconds)

    monkeypatch.setattr(talk.asyncio, "sleep", note)
    return noted


def owned(here: Stage, type: str, url: str) -> None:
    """Let the machine's owner say that this provider is there."""
    here.machine.environment[TYPES[type].bases[0]] = url  # type: ignore[index]


@each
async def test_a_question_and_its_reply(here: Stage, type: str) -> None:
    async with serving(provider) as server:
        owned(here, type, server.url("/"))
        words = {"model": "wise/one", "prompt": "Grüß Gott", "options": {"systemMessage": "Be short", "maxTokens": 50}}
        made = await here.output(type, words)
    assert made["response"] == "wise/one heard: Grüß Gott"
    assert (made["provider"], made["finish_reason"]) == (
        TYPES[type].name, {"anthropic": "end_turn", "gemini": "STOP"}.get(TYPES[type].name, "stop"),
    )  # fmt: skip
    assert (made["usage"]["input_tokens"], made["usage"]["output_tokens"], made["usage"]["total_tokens"]) == (9, 4, 13)
    assert made["input"] == {"prompt": "Grüß Gott", "system_prompt": "Be short"}
    assert server.asked[0].headers["idempotency-key"] == "run/key"
    assert KEY not in json.dumps(made)


@pytest.mark.parametrize("type", ["anthropicChatModel", "geminiChatModel"])
async def test_thoughts_come_beside_the_reply(here: Stage, type: str) -> None:
    async with serving(provider) as server:
        owned(here, type, server.url("/"))
        options = {"thinkingEnabled": True, "temperature": 0.3, "maxTokens": 100}
        made = await here.output(type, {"model": "m", "prompt": "p", "options": options})
    assert (made["response"], made["thinking"], made["thinking_enabled"]) == ("m heard: p", "hm", True)


@pytest.mark.parametrize(
    ("prompt", "input", "heard"),
    [("", {"message": "hi"}, "hi"), ("  ", {"text": "t"}, "t"), ("", "plain", "plain"), (7, None, "7"),
     ({"a": [1]}, None, '{"a": [1]}'), ("", {"response": "said before"}, "said before")],
)  # fmt: skip
async def test_an_empty_prompt_is_what_came_before(here: Stage, prompt: Any, input: Any, heard: str) -> None:
    async with serving(provider) as server:
        owned(here, "openaiChatModel", server.url("/v1"))
        made = await here.output("openaiChatModel", {"model": "m", "prompt": prompt}, **given(("chatTrigger", input)))
    assert made["response"] == f"m heard: {heard}"


async def test_openrouter_marks_in_lists_what_is_free_and_does_not_know_it_in_requests(here: Stage) -> None:
    async with serving(provider) as server:
        owned(here, "openrouterChatModel", server.url("/"))
        made = await here.output("openrouterChatModel", {"model": "[FREE] maker/model", "prompt": "p"})
    assert made["response"] == "maker/model heard: p"


async def test_nothing_is_asked_without_a_model_or_a_prompt(here: Stage) -> None:
    assert await here.refused("openaiChatModel", {"model": " ", "prompt": "p"}) == (
        "bad_input", "model: is empty; name one of the provider's models",
    )  # fmt: skip
    assert (await here.refused("openaiChatModel", {"model": "m"}))[0] == "bad_input"


# -- trying again --------------------------------------------------------------------


async def test_a_busy_provider_is_asked_again_when_it_wants(here: Stage, waits: list[float]) -> None:
    busy = [refuse(429, {"message": "slow down"}, retry_after="3"), response(502, b"<html>"), None]

    def answer(asked: Asked) -> bytes | None:
        return busy.pop(0) or provider(asked)

    async with serving(answer) as server:
        owned(here, "openaiChatModel", server.url("/"))
        made = await here.output("openaiChatModel", {"model": "m", "prompt": "p"})
    assert made["response"] == "m heard: p"
    assert len(server.asked) == 3
    assert waits[0] == 3.0
    assert len({asked.headers["idempotency-key"] for asked in server.asked}) == 1


async def test_who_wants_a_long_pause_is_left_to_the_workflow(here: Stage, waits: list[float]) -> None:
    async with serving(lambda _: refuse(429, {"message": "slow down"}, retry_after="90")) as server:
        owned(here, "openaiChatModel", server.url("/"))
        result = await here.run("openaiChatModel", {"model": "m", "prompt": "p"})
    assert (len(server.asked), waits) == (1, [])
    assert result.error is not None
    assert (result.error.kind.value, result.error.retry_after) == ("unavailable", 90.0)
    assert result.output == {"provider": "openai", "status": 429, "reason": "busy"}


@pytest.mark.parametrize("options", [{}, {"maxRetries": 0}, {"maxRetries": 99}])
async def test_patience_has_an_end(here: Stage, waits: list[float], options: dict[str, Any]) -> None:
    async with serving(lambda _: response(503)) as server:
        owned(here, "openaiChatModel", server.url("/"))
        refused = await here.refused("openaiChatModel", {"model": "m", "prompt": "p", "options": options})
    assert refused[0] == "unavailable"
    assert len(server.asked) == 1 + min(options.get("maxRetries", 2), 5)


@pytest.mark.parametrize(
    ("status", "error", "reason"),
    [(401, {"message": "bad key"}, "key"), (400, {"code": "context_length_exceeded", "message": "long"}, "too_long"),
     (429, {"code": "insufficient_quota", "message": "pay"}, "unpaid"), (404, {"message": "no"}, "no_model")],
)  # fmt: skip
async def test_what_does_not_pass_is_asked_once(here: Stage, status: int, error: Any, reason: str) -> None:
    async with serving(lambda _: refuse(status, error)) as server:
        owned(here, "openaiChatModel", server.url("/"))
        result = await here.run("openaiChatModel", {"model": "m", "prompt": "p"})
    assert len(server.asked) == 1
    assert result.error is not None
    assert result.error.kind.value == "reported"
    assert result.output == {"provider": "openai", "status": status, "reason": reason}


async def test_a_slow_one_has_its_time(here: Stage) -> None:
    async with serving(lambda _: None) as server:
        owned(here, "openaiChatModel", server.url("/"))
        words = {"model": "m", "prompt": "p", "options": {"timeout": 1000}}
        assert (await here.refused("openaiChatModel", words))[0] == "timeout"
    assert len(server.asked) == 1


async def test_what_is_no_reply(here: Stage) -> None:
    async with serving(lambda _: response(200, b"<html>welcome to this hotel")) as server:
        owned(here, "openaiChatModel", server.url("/"))
        refused = await here.refused("openaiChatModel", {"model": "m", "prompt": "p"})
    assert refused[0] == "result_unreadable"


# -- the key -------------------------------------------------------------------------


@each
async def test_a_key_that_is_repeated_is_not_shown(here: Stage, type: str) -> None:
    """Some providers say which key they did not like; some proxies repeat whole requests."""

    def parrot(asked: Asked) -> bytes:
        return response(401, json.dumps({"error": {"message": f"no: {asked.headers}"}}).encode())

    async with serving(parrot) as server:
        owned(here, type, server.url("/"))
        result = await here.run(type, {"model": "m", "prompt": "p"})
    assert KEY in str(server.asked[0].headers)
    assert KEY not in text(result)
    assert result.error is not None
    assert TYPES[type].keys[0] in result.error.message


@each
async def test_a_workflow_cannot_have_the_key_sent_elsewhere(here: Stage, type: str) -> None:
    async with serving(provider) as server:
        result = await here.run(type, {"model": "m", "prompt": "p", "baseUrl": server.url("/")})
    assert server.asked
    assert KEY not in str(server.asked[0].headers)
    assert result.error is not None


@pytest.mark.parametrize("type", ["openaiChatModel", "geminiChatModel", "anthropicChatModel"])
async def test_a_redirect_takes_the_key_nowhere(here: Stage, type: str) -> None:
    async with serving(provider) as thief, serving(lambda _: response(307, location=thief.url("/x"))) as server:
        owned(here, type, server.url("/"))
        assert (await here.refused(type, {"model": "m", "prompt": "p"}))[0] == "reported"
    assert thief.asked == []


async def test_no_private_address_unless_the_owner_allows_it(tmp_path: Path) -> None:
    async with serving(provider) as server, stage(tmp_path, environment={"OPENAI_API_KEY": KEY}) as strict:
        owned(strict, "openaiChatModel", server.url("/"))
        kind, said = await strict.refused("openaiChatModel", {"model": "m", "prompt": "p"})
    assert (kind, server.asked) == ("bad_input", [])
    assert "http_allow" in said


async def test_without_a_key_it_is_said_where_to_put_one(tmp_path: Path) -> None:
    async with stage(tmp_path) as bare:
        kind, said = await bare.refused("geminiChatModel", {"model": "m", "prompt": "p"})
    assert kind == "bad_input"
    assert "GEMINI_API_KEY or GOOGLE_API_KEY" in said


@each
async def test_who_has_no_key_does_not_announce_it(type: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known = TYPES[type]
    for name in (*known.keys, *known.bases):
        monkeypatch.delenv(name, raising=False)
    assert type not in await announced()
    monkeypatch.setenv(known.keys[-1], KEY)
    assert type in await announced()


async def announced() -> set[str]:
    return {manifest.type for manifest in (await nodes_probe.ask(Bench(Declared()))).nodes}
