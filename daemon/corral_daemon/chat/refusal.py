"""What a provider means by an answer that is no reply: whether to try again, and what to tell people. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from corral_daemon.chat.reading import inside, text
from corral_daemon.reach.busy import is_busy
from corral_protocol.codec import Json
from corral_protocol.vocabulary import ErrorClass

_LONG: Final = re.compile(
    r"context[ _](?:length|window)|maximum context|prompt is too long|too many (?:input )?tokens"
    r"|input token count|exceeds the maximum number of tokens|request_too_large|context_length_exceeded",
    re.IGNORECASE,
)
_UNPAID: Final = re.compile(
    r"insufficient_quota|insufficient[ _](?:balance|credits)|credit balance|billing", re.IGNORECASE
)
_SHOWN: Final = 500


class Reason(StrEnum):
    """Machine-readable: an agent shortens what was too long, and gives up on a wrong key."""

    BUSY = "busy"
    UNPAID = "unpaid"
    KEY = "key"
    TOO_LONG = "too_long"
    NO_MODEL = "no_model"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Refusal:
    status: int
    reason: Reason
    said: str

    @property
    def kind(self) -> ErrorClass:
        """Only what passes by itself is worth another attempt."""
        return ErrorClass.UNAVAILABLE if self.reason is Reason.BUSY else ErrorClass.REPORTED


def refusal(status: int, body: Json, raw: str = "") -> Refusal | None:
    """Return what an answer refuses, or None if it is a reply. Some say 200 and mean it not: what counts is inside."""
    inner = _error(body)
    if 200 <= status < 300 and inner is None:
        return None
    code = inside(inner, "code")
    meant = code if type(code) is int and 400 <= code <= 599 and status < 400 else status
    said = _said(inner) or raw
    return Refusal(meant, _reason(meant, f"{_words(inner)} {said}"), said[:_SHOWN])


def _error(body: Json) -> Json:
    """OpenAI and its kin, Anthropic and Gemini: an object `error`; some of the kin: a text, or within the choice."""
    if isinstance(body, list) and body:  # Gemini's, behind some proxies
        body = body[0]
    return inside(body, "error") or inside(body, "choices", 0, "error")


def _said(inner: Json) -> str:
    return inner if isinstance(inner, str) else text(inner, "message")


def _words(inner: Json) -> str:
    return " ".join(text(inner, name) for name in ("code", "type", "status"))


def _reason(status: int, words: str) -> Reason:
    if status == 402 or (status in (400, 403, 429) and _UNPAID.search(words)):
        return Reason.UNPAID
    if status == 413 or (status in (400, 422) and _LONG.search(words)):
        return Reason.TOO_LONG
    if is_busy(status):
        return Reason.BUSY
    return {401: Reason.KEY, 403: Reason.KEY, 404: Reason.NO_MODEL}.get(status, Reason.REFUSED)
