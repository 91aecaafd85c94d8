"""Ask a provider, patiently within reason, and keep the key to ourselves."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass

from corral_daemon import clock
from corral_daemon.chat.model import Question, Reply, Unreadable
from corral_daemon.chat.patience import pause
from corral_daemon.chat.providers import Door, NoDoor, Provider, door
from corral_daemon.chat.refusal import Reason, Refusal, refusal
from corral_daemon.failure import NodeFailed
from corral_daemon.machine import Machine
from corral_daemon.masking import Masker
from corral_daemon.reach.busy import wanted_pause
from corral_daemon.reach.exchange import Answer, Order, exchange
from corral_protocol.codec import Json
from corral_protocol.vocabulary import ErrorClass

MOST_BYTES = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """`timeout`: seconds of one request. `retries`: more requests where the provider is busy for a moment."""

    base_url: str = ""
    timeout: float = 60.0
    retries: int = 2
    idempotency_key: str = ""


async def talk(provider: Provider, question: Question, manner: Manner, machine: Machine) -> Reply:
    """Raises NodeFailed, with no key in it."""
    try:
        where = door(provider, manner.base_url, machine.environment)
    except NoDoor as error:
        raise NodeFailed(ErrorClass.BAD_INPUT, str(error)) from error
    for tried in range(manner.retries + 1):
        try:
            return await _ask(provider, question, manner, machine, where)
        except NodeFailed as failure:
            wait = pause(failure.kind, failure.retry_after, tried, clock.chance())
            if wait is None or tried == manner.retries:
                raise
            await asyncio.sleep(wait)
    raise AssertionError("the last one returns or raises")


async def _ask(provider: Provider, question: Question, manner: Manner, machine: Machine, where: Door) -> Reply:
    request = provider.request(question, where.key)
    order = Order(
        method="POST",
        url=where.url(request.path),
        headers=_headers(request.headers, manner),
        params={},
        content=json.dumps(request.body, ensure_ascii=False).encode("utf-8", "replace"),
        timeout=manner.timeout,
        most=MOST_BYTES,
        follow=False,
    )
    answer = await exchange(order, machine.reach, machine.resolve)
    said = _masked(answer.text, where.key)
    body = _json(said)
    refused = refusal(answer.status, body, said)
    if refused is not None:
        raise _failure(provider, where, refused, answer)
    try:
        return provider.read(body)
    except Unreadable as error:
        what = f"{provider.name} answered what is none of its replies: {error}"
        raise NodeFailed(ErrorClass.RESULT_UNREADABLE, what) from error


def _headers(own: Mapping[str, str], manner: Manner) -> dict[str, str]:
    key = {"idempotency-key": manner.idempotency_key} if manner.idempotency_key else {}
    return {"user-agent": "corral", "content-type": "application/json", "accept": "application/json", **key, **own}


def _masked(said: str, key: str | None) -> str:
    """Some repeat in their complaints what they were shown."""
    if key is None:
        return said
    masker = Masker([key])
    return (masker.mask(said.encode("utf-8", "replace")) + masker.flush()).decode("utf-8", "replace")


def _json(said: str) -> Json:
    try:
        return json.loads(said)
    except (ValueError, RecursionError):
        return None


def _failure(provider: Provider, where: Door, refused: Refusal, answer: Answer) -> NodeFailed:
    told = {"provider": provider.name, "status": refused.status, "reason": refused.reason.value}
    message = f"{provider.name} answered {refused.status} ({_MEANS[refused.reason]}): {refused.said}"
    if refused.reason is Reason.KEY:
        shown = "the machine's key was shown" if where.key else f"no key was shown to {where.base}"
        message = f"{message}; {shown}, which is in {' or '.join(provider.keys)} of its daemon's environment"
    return NodeFailed(refused.kind, message, told, wanted_pause(answer.headers, clock.unix()))


_MEANS: Mapping[Reason, str] = {
    Reason.BUSY: "busy; it may pass",
    Reason.UNPAID: "the account has nothing left to spend",
    Reason.KEY: "the key is not accepted",
    Reason.TOO_LONG: "the prompt is too long for this model",
    Reason.NO_MODEL: "there is no such model, or not for this key",
    Reason.REFUSED: "it does not want this request",
}
