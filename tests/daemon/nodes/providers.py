"""A provider on loopback that speaks the real wire formats: it checks what it is asked, and replies with an echo."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from corral_protocol.codec import Json
from tests.daemon.nodes.servers import Asked, response

KEY = "a-key-that-nobody-has-0123456789"


def provider(asked: Asked) -> bytes:
    """Answer as the provider of that path does; a wrong key or a wrong shape is refused in its words."""
    for ending, answer in _WIRES.items():
        if unquote(asked.path).endswith(ending):
            return answer(asked)
    return response(404, b'{"error": {"message": "no such route"}}')


def _openai(asked: Asked) -> bytes:
    if asked.headers.get("authorization") != f"Bearer {KEY}":
        said = f"Incorrect API key provided: {asked.headers.get('authorization')}."
        return refuse(401, {"message": said, "type": "invalid_request_error", "code": "invalid_api_key"})
    body = json.loads(asked.body)
    roles = [message["role"] for message in body["messages"]]
    assert roles in (["user"], ["system", "user"]), roles
    said = f"{body['model']} heard: {body['messages'][-1]['content']}"
    message = {"role": "assistant", "content": said, "refusal": None}
    details = {"prompt_tokens_details": {"cached_tokens": 2}, "completion_tokens_details": {"reasoning_tokens": 1}}
    usage = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13, **details}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return say({"id": "c1", "object": "chat.completion", "model": f"{body['model']}-2026", "choices": [choice],
                "usage": usage})  # fmt: skip


def _anthropic(asked: Asked) -> bytes:
    if asked.headers.get("x-api-key") != KEY or asked.headers.get("anthropic-version") != "2023-06-01":
        return say({"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}}, 401)
    body = json.loads(asked.body)
    thinks = "thinking" in body
    if thinks and (body["max_tokens"] <= body["thinking"]["budget_tokens"] or "temperature" in body):
        return say({"type": "error", "error": {"type": "invalid_request_error", "message": "max_tokens"}}, 400)
    assert {"model", "max_tokens", "messages"} <= set(body)
    blocks: list[Json] = [{"type": "thinking", "thinking": "hm", "signature": "s"}] if thinks else []
    blocks.append({"type": "text", "text": f"{body['model']} heard: {body['messages'][-1]['content']}"})
    usage = {"input_tokens": 5, "output_tokens": 4, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 1}
    return say({"id": "m1", "type": "message", "role": "assistant", "model": body["model"], "content": blocks,
                "stop_reason": "end_turn", "usage": usage})  # fmt: skip


def _gemini(asked: Asked) -> bytes:
    if asked.headers.get("x-goog-api-key") != KEY:
        return refuse(403, {"code": 403, "message": "API key not valid", "status": "PERMISSION_DENIED"})
    body = json.loads(asked.body)
    model = unquote(asked.path).rpartition("/models/")[2].partition(":")[0]
    parts = [{"text": "hm", "thought": True}] if "thinkingConfig" in body["generationConfig"] else []
    parts.append({"text": f"{model} heard: {body['contents'][-1]['parts'][0]['text']}"})
    usage = {"promptTokenCount": 9, "candidatesTokenCount": 3, "thoughtsTokenCount": 1, "totalTokenCount": 13}
    candidate = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}
    return say({"candidates": [candidate], "usageMetadata": usage, "modelVersion": model})


def say(body: Any, status: int = 200, **headers: str) -> bytes:
    return response(status, json.dumps(body).encode(), content_type="application/json", **headers)


def refuse(status: int, error: Any, **headers: str) -> bytes:
    return say({"error": error}, status, **headers)


_WIRES: dict[str, Callable[[Asked], bytes]] = {
    "/chat/completions": _openai,
    "/v1/messages": _anthropic,
    ":generateContent": _gemini,
}
