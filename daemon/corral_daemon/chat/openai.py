"""OpenAI's chat completions, and what the many who speak them say differently. Pure."""

import re
from collections.abc import Mapping
from typing import Any, Final

from corral_daemon.chat.model import Question, Reply, Request, Unreadable, Usage
from corral_daemon.chat.reading import count, inside, objects, set_only, text
from corral_protocol.codec import Json

NEWER_LIMIT: Final = "max_completion_tokens"
_REASONING: Final = re.compile(r"(?:.*/)?(?:o\d|gpt-(?:[5-9]|\d\d)(?!.*chat))")
"""Models of OpenAI's that refuse to be told a temperature, and take the limit by its newer name only."""


def request(question: Question, key: str | None, limit_word: str | None = None) -> Request:
    """`limit_word`: how this provider calls the most tokens of a reply, if it is particular about that.

    The older name is the safer one: local servers take the newer one without a word, and do not heed it.
    """
    reasons = _REASONING.match(question.model) is not None
    system = [{"role": "system", "content": question.system}] if question.system else []
    told = [{"role": message.role.value, "content": message.text} for message in question.messages]
    body = {
        "model": question.model,
        "messages": system + told,
        limit_word or (NEWER_LIMIT if reasons else "max_tokens"): question.max_tokens,
        **({} if reasons else _sampling(question)),
        **({"response_format": {"type": "json_object"}} if question.json_only else {}),
        **set_only(reasoning_effort=question.effort, reasoning_format=question.reasoning_format),
    }
    return Request(
        path="chat/completions", headers={"authorization": f"Bearer {key}"} if key is not None else {}, body=body
    )


def read(body: Json) -> Reply:
    """Raises Unreadable."""
    message = inside(body, "choices", 0, "message")
    if not isinstance(message, Mapping):
        raise Unreadable("there is no choices[0].message in it")
    said, thought = _content(message)
    refused = text(message, "refusal")
    return Reply(
        text=said or refused,
        thinking=text(message, "reasoning_content") or text(message, "reasoning") or thought,
        model=text(body, "model"),
        finish="refusal" if refused and not said else text(body, "choices", 0, "finish_reason"),
        usage=Usage(
            input=count(body, "usage", "prompt_tokens"),
            output=count(body, "usage", "completion_tokens"),
            cache_read=count(body, "usage", "prompt_tokens_details", "cached_tokens")
            or count(body, "usage", "prompt_cache_hit_tokens"),
            reasoning=count(body, "usage", "completion_tokens_details", "reasoning_tokens"),
        ),
    )


def _sampling(question: Question) -> dict[str, Json]:
    return set_only(
        temperature=question.temperature,
        top_p=question.top_p,
        frequency_penalty=question.frequency_penalty,
        presence_penalty=question.presence_penalty,
    )


def _content(message: Mapping[str, Any]) -> tuple[str, str]:
    """A text, or, with Mistral, a list of parts of which some are thoughts."""
    if isinstance(message.get("content"), str):
        return text(message, "content"), ""
    parts = objects(message, "content")
    said = "".join(text(part, "text") for part in parts)
    return said, "".join(text(inner, "text") for part in parts for inner in objects(part, "thinking"))
