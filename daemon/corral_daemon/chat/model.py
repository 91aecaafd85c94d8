"""What is asked of a language model, and what it replies, whoever provides it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from corral_protocol.codec import Json


class Role(StrEnum):
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    role: Role = Role.USER
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is None is not sent: newer models refuse what older ones took, and have defaults of their own.

    `effort`, `budget` and `reasoning_format` are how hard it thinks, in words, in tokens, and how it shows that.
    """

    model: str
    messages: tuple[Message, ...]
    system: str = ""
    max_tokens: int = 4096
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    json_only: bool = False
    effort: str | None = None
    budget: int | None = None
    reasoning_format: str | None = None
    safety: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request: where below the provider's base URL, and what."""

    path: str
    headers: Mapping[str, str]
    body: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens. `input` counts those read from a cache too, `output` those that it thought with."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_creation: int = 0
    reasoning: int = 0

    @property
    def total(self) -> int:
        return self.input + self.output


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """`finish` is the provider's own word for why it stopped."""

    text: str
    thinking: str = ""
    model: str = ""
    finish: str = ""
    usage: Usage = field(default_factory=Usage)


class Unreadable(ValueError):
    """The answer is not what this provider's answers look like."""
