"""What the chat models have in common; each of them is a file of its own that adds what its provider can do more."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from corral_daemon import clock
from corral_daemon.chat.model import Message, Question, Reply
from corral_daemon.chat.providers import Provider
from corral_daemon.chat.talk import Manner, talk
from corral_daemon.nodes.node import Context, NodeFailed
from corral_protocol.codec import Json
from corral_protocol.json_schema import about
from corral_protocol.vocabulary import ErrorClass

LONGEST = 3600.0
MOST_RETRIES = 5


class Effort(StrEnum):
    MINIMAL = "minimal"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Form(StrEnum):
    TEXT = "text"
    JSON = "json_object"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is not given is not sent: the model has a default of its own, and some take no other."""

    systemMessage: Json = about("", description="text; what a template makes of it is written as JSON")
    maxTokens: int = about(4096, description="most tokens of the reply", minimum=1, maximum=1_000_000)
    temperature: float | None = about(None, minimum=0, maximum=2)
    topP: float | None = about(None, minimum=0, maximum=1)
    timeout: float = about(60_000.0, description="milliseconds of one request", minimum=1000, maximum=LONGEST * 1000)
    maxRetries: int = about(
        2, description="more requests where it is busy for a moment", minimum=0, maximum=MOST_RETRIES
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    prompt: str
    system_prompt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`usage`: tokens, as `input_tokens`, `output_tokens`, `total_tokens` and what of them was cached or thought."""

    response: str
    thinking: str
    thinking_enabled: bool
    model: str
    provider: str
    finish_reason: str
    timestamp: float
    usage: Mapping[str, int]
    input: Input


MODEL = "the model's name, as its provider has it"
PROMPT = "empty: the input's message, text, content or response"
BASE_URL = "another place that speaks the same; the machine's key goes only to where its owner says"


async def converse(
    provider: Provider, model: str, prompt: Json, base_url: str, options: Options, context: Context, **more: Any
) -> Result:
    """Ask one question, with `more` words of Question. Raises NodeFailed."""
    asked = _text(prompt).strip() or prompt_of(context.input())
    if not model.strip():
        raise NodeFailed(ErrorClass.BAD_INPUT, "model: is empty; name one of the provider's models")
    if not asked:
        raise NodeFailed(ErrorClass.BAD_INPUT, "prompt: is empty, and the input has no message, text or content")
    question = Question(
        model=model.strip(),
        messages=(Message(text=asked),),
        system=_text(options.systemMessage),
        max_tokens=max(1, options.maxTokens),
        temperature=options.temperature,
        top_p=options.topP,
        **more,
    )
    manner = Manner(
        base_url=base_url.strip(),
        timeout=min(max(options.timeout / 1000, 1.0), LONGEST),
        retries=min(max(options.maxRetries, 0), MOST_RETRIES),
        idempotency_key=context.idempotency_key,
    )
    reply = await talk(provider, question, manner, context.machine)
    thinks = any(more.get(word) is not None for word in ("effort", "budget", "reasoning_format"))
    return _result(provider, question, reply, thinks or bool(reply.thinking))


def prompt_of(given: Json) -> str:
    """Return what an empty prompt means: what the node before it had to say."""
    if isinstance(given, str):
        return given.strip()
    if not isinstance(given, Mapping):
        return ""
    said = (given.get(name) for name in ("message", "text", "content", "response"))
    return next((text.strip() for text in said if isinstance(text, str) and text.strip()), "")


def _text(value: Json) -> str:
    """A template alone becomes the value it stands for; people who ask about an object want it read out."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _result(provider: Provider, question: Question, reply: Reply, thinks: bool) -> Result:
    usage = reply.usage
    return Result(
        response=reply.text,
        thinking=reply.thinking,
        thinking_enabled=thinks,
        model=reply.model or question.model,
        provider=provider.name,
        finish_reason=reply.finish,
        timestamp=clock.unix(),
        usage={
            "input_tokens": usage.input,
            "output_tokens": usage.output,
            "total_tokens": usage.total,
            "cache_read_tokens": usage.cache_read,
            "cache_creation_tokens": usage.cache_creation,
            "reasoning_tokens": usage.reasoning,
        },
        input=Input(prompt=question.messages[-1].text, system_prompt=question.system),
    )
