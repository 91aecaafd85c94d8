"""Gemini's `generateContent`. Pure."""

from typing import Final
from urllib.parse import quote

from corral_daemon.chat.model import Question, Reply, Request, Role, Unreadable, Usage
from corral_daemon.chat.reading import count, objects, set_only, text
from corral_protocol.codec import Json

_ROLES: Final = {Role.USER: "user", Role.ASSISTANT: "model"}
_HARMS: Final = ("HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT")
_SAFETY: Final = {"strict": "BLOCK_LOW_AND_ABOVE", "permissive": "BLOCK_NONE"}


def request(question: Question, key: str | None) -> Request:
    threshold = _SAFETY.get(question.safety or "")
    body = {
        "contents": [
            {"role": _ROLES[message.role], "parts": [{"text": message.text}]} for message in question.messages
        ],
        **({"systemInstruction": {"parts": [{"text": question.system}]}} if question.system else {}),
        "generationConfig": _config(question),
        **({"safetySettings": [_setting(harm, threshold) for harm in _HARMS]} if threshold else {}),
    }
    model = quote(question.model.removeprefix("models/"), safe="")
    headers = {"x-goog-api-key": key} if key is not None else {}
    return Request(path=f"v1beta/models/{model}:generateContent", headers=headers, body=body)


def read(body: Json) -> Reply:
    """Raises Unreadable. What it would not even answer has no candidate, and says why."""
    blocked = text(body, "promptFeedback", "blockReason")
    if not blocked and not objects(body, "candidates"):
        raise Unreadable("there is no candidate in it")
    parts = objects(body, "candidates", 0, "content", "parts")
    thought = count(body, "usageMetadata", "thoughtsTokenCount")
    return Reply(
        text="".join(text(part, "text") for part in parts if part.get("thought") is not True),
        thinking="".join(text(part, "text") for part in parts if part.get("thought") is True),
        model=text(body, "modelVersion"),
        finish=blocked or text(body, "candidates", 0, "finishReason"),
        usage=Usage(
            input=count(body, "usageMetadata", "promptTokenCount"),
            output=count(body, "usageMetadata", "candidatesTokenCount") + thought,
            cache_read=count(body, "usageMetadata", "cachedContentTokenCount"),
            reasoning=thought,
        ),
    )


def _config(question: Question) -> dict[str, Json]:
    thinking = {"thinkingBudget": question.budget, "includeThoughts": True} if question.budget is not None else None
    return set_only(
        maxOutputTokens=question.max_tokens,
        temperature=question.temperature,
        topP=question.top_p,
        topK=question.top_k,
        responseMimeType="application/json" if question.json_only else None,
        thinkingConfig=thinking,
    )


def _setting(harm: str, threshold: str) -> dict[str, str]:
    return {"category": f"HARM_CATEGORY_{harm}", "threshold": threshold}
