"""A webhook call, from the door to its answer: judged, turned into an event, and waited for where a node answers."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import orjson

from corral_hub import clock
from corral_hub.errors import TimedOut, Unavailable, Unprocessable
from corral_hub.tasks.reactor import Reactor
from corral_hub.triggers.hooks import Hook, check_caller, check_method, check_signature, check_size
from corral_hub.triggers.model import Deployment, Trigger
from corral_hub.triggers.orders import Fire
from corral_hub.triggers.payload import read_payload
from corral_hub.workflows import facts as f
from corral_hub.workflows.fulfil.callers import Answer, Callers, Over, Word
from corral_hub.workflows.fulfil.respond import read_answer
from corral_hub.workflows.queries import WorkflowQueries
from corral_hub.workflows.vault import Vault
from corral_protocol.codec import decode_tagged
from corral_protocol.nodes import WISHES, Respond

MOST_KEY = 255
UNREADABLE = "the hub has another CORRAL_SECRET than before: write the secret anew into the workflow, and deploy it"


@dataclass(frozen=True, slots=True)
class Call:
    """`headers` and `query` as they came, in order. The body is read only once the caller may send it, in chunks."""

    method: str
    headers: tuple[tuple[str, str], ...]
    query: tuple[tuple[str, str], ...]
    chunks: Callable[[], AsyncIterator[bytes]]


@dataclass(frozen=True, slots=True)
class Accepted:
    """`word`: what there is to say by now; None: nobody waits for an answer. `state`: whether the run has begun."""

    run_id: UUID
    state: str
    word: Word | None = None


class Calls:
    def __init__(self, reactor: Reactor, queries: WorkflowQueries, callers: Callers, vault: Vault) -> None:
        self._reactor = reactor
        self._queries = queries
        self._callers = callers
        self._vault = vault

    async def receive(self, deployment: Deployment, trigger: Trigger, call: Call, answered: bool = True) -> Accepted:
        """Raises MethodNotAllowed, Unauthenticated, Forbidden, TooMany, TimedOut, Unavailable."""
        hook = trigger.settings
        assert isinstance(hook, Hook)
        headers = {name.lower(): value for name, value in call.headers}
        check_method(hook, call.method)
        hook = await self._with_secret(deployment.workflow_id, hook)
        check_caller(hook, headers)
        body = await _read(hook, headers, call.chunks())
        check_signature(hook, headers, body, clock.now())
        run_id, again = self._run_id(deployment, trigger, hook, headers)
        if again and await self._queries.run(run_id) is not None:
            return await self._repeated(run_id, hook if answered else None)
        payload = read_payload(hook, call.method, call.headers, call.query, body)
        order = Fire(workflow_id=deployment.workflow_id, node_id=trigger.node_id, run_id=run_id, payload=payload)
        if hook.answered and answered:
            return await self._answered(order, hook)
        return Accepted(run_id, await self._fire(order))

    async def _with_secret(self, workflow_id: int, hook: Hook) -> Hook:
        """Return the hook with its secret instead of the reference to it. Raises Unavailable."""
        secret = await self._vault.open(workflow_id, hook.secret) if hook.secret else ""
        if secret is None:
            raise Unavailable("secret_unreadable", "the hub cannot read the secret of this webhook", UNREADABLE)
        return replace(hook, secret=secret)

    async def _fire(self, order: Fire) -> str:
        try:
            return str((await self._reactor.ask(order)).value)
        except asyncpg.UniqueViolationError:  # the same key, twice at once: the other one has begun and ended it
            return "known"

    async def _answered(self, order: Fire, hook: Hook) -> Accepted:
        async with self._callers.waiting(order.run_id) as place:
            state = await self._fire(order)
            return Accepted(order.run_id, state, await _wait(place, order.run_id, hook.timeout))

    async def _repeated(self, run_id: UUID, hook: Hook | None) -> Accepted:
        """Return what the first call with this key was told, or will be."""
        if hook is None or not hook.answered:
            return Accepted(run_id, "known")
        async with self._callers.waiting(run_id) as place:
            word = await self._told(run_id)
            return Accepted(run_id, "known", word or await _wait(place, run_id, hook.timeout))

    async def _told(self, run_id: UUID) -> Word | None:
        """Return what a run has answered, read from its history; None while it may still."""
        for row in await self._queries.history(run_id, 0, 1000):
            wish = _read_respond(row)
            if wish is not None:
                return read_answer(wish)
        run = await self._queries.run(run_id)
        if run is None or run["ended_at"] is None:
            return None
        return Over(run["status"], orjson.loads(run["output"]) if run["output"] else None)

    def _run_id(
        self, deployment: Deployment, trigger: Trigger, hook: Hook, headers: Mapping[str, str]
    ) -> tuple[UUID, bool]:
        """Return the run's id, and whether it may be known: it follows from an idempotency key."""
        key = headers.get(hook.key_header.lower(), "")
        if not key:
            return clock.new_id(), False
        if len(key) > MOST_KEY:
            what = f"{hook.key_header} is longer than {MOST_KEY} characters"
            raise Unprocessable("invalid_idempotency_key", what, "send a UUID")
        digest = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
        return uuid5(deployment.id, f"{trigger.node_id}#{digest}"), True


async def _read(hook: Hook, headers: Mapping[str, str], chunks: AsyncIterator[bytes]) -> bytes:
    """Return the body. Raises TooLarge as soon as it is known to be: before anything is read, if its length is told."""
    announced = headers.get("content-length", "")
    check_size(hook, int(announced) if announced.isascii() and announced.isdigit() and len(announced) < 20 else 0)
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        check_size(hook, len(body))
    return bytes(body)


async def _wait(place: "asyncio.Future[Word]", run_id: UUID, seconds: float) -> Word:
    try:
        return await asyncio.wait_for(asyncio.shield(place), seconds)
    except TimeoutError as error:
        what = f"run {run_id} has not answered within {seconds:g} seconds; it goes on"
        raise TimedOut("no_answer_yet", what, "look at the run", run_id=str(run_id), run=run_path(run_id)) from error


def _read_respond(row: Any) -> Respond | None:
    if row["type"] != f.Suspended.TYPE:
        return None
    wish = orjson.loads(row["fact"]).get("wish")
    if not isinstance(wish, dict) or wish.get("type") != Respond.TYPE:
        return None
    found = decode_tagged(WISHES, wish)
    return found if isinstance(found, Respond) else None


def run_path(run_id: UUID) -> str:
    return f"/api/v1/runs/{run_id}"


__all__ = ["Accepted", "Answer", "Call", "Calls", "Over"]
