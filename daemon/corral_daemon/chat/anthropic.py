"""Anthropic's messages. Pure."""

from typing import Final

from corral_daemon.chat.model import Question, Reply, Request, Unreadable, Usage
from corral_daemon.chat.reading import count, inside, objects, set_only, text
from corral_protocol.codec import Json

VERSION: Final = "2023-06-01"


def request(question: Question, key: str | None) -> Request:
    body = {
        "model": question.model,
        "messages": [{"role": message.role.value, "content": message.text} for message in question.messages],
        **({"system": question.system} if question.system else {}),
        **(_sampling(question) if question.budget is None else _thinking(question, question.budget)),
    }
    headers = {"anthropic-version": VERSION, **({"x-api-key": key} if key is not None else {})}
    return Request(path="v1/messages", headers=headers, body=body)


def read(body: Json) -> Reply:
    """Raises Unreadable."""
    if not isinstance(inside(body, "content"), list):
        raise Unreadable("there is no content in it")
    blocks = objects(body, "content")
    read_again, written = (
        count(body, "usage", f"cache_{way}_input_tokens") for way in ("read", "creation")
    )  # beside the input, unlike with everybody else
    return Reply(
        text="".join(text(block, "text") for block in blocks if block.get("type") == "text"),
        thinking="".join(text(block, "thinking") for block in blocks if block.get("type") == "thinking"),
        model=text(body, "model"),
        finish=text(body, "stop_reason"),
        usage=Usage(
            input=count(body, "usage", "input_tokens") + read_again + written,
            output=count(body, "usage", "output_tokens"),
            cache_read=read_again,
            cache_creation=written,
        ),
    )


def _sampling(question: Question) -> dict[str, Json]:
    """Newer models take a temperature or a top_p, not both."""
    top_p = question.top_p if question.temperature is None else None
    return set_only(max_tokens=question.max_tokens, temperature=question.temperature, top_p=top_p, top_k=question.top_k)


def _thinking(question: Question, budget: int) -> dict[str, Json]:
    """Who thinks takes no temperature; the budget is a part of the most tokens, and must leave some for the reply."""
    most = question.max_tokens if question.max_tokens > budget else budget + question.max_tokens
    return {"max_tokens": most, "thinking": {"type": "enabled", "budget_tokens": budget}}
