"""The hub as `corral up` sees it: wait until it answers, then ask it for what a first start needs."""

import asyncio
import json
import re
import shlex
from asyncio.subprocess import PIPE
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import httpx

from corral_cli.errors import Failed
from corral_cli.up.child import Child
from corral_cli.up.household import module

_POLL = 0.1
_NEXT = "  next: "
_CODE = re.compile(r" \[\w+\]$")
STARTING = "Starting PostgreSQL and the hub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bootstrap:
    """What the hub hands to the local user. The password is there only if it was generated just now."""

    url: str
    admin_email: str
    admin_password: str | None
    login_url: str | None = None
    registration_token: str
    cli_token: str


class ChildEnded(Failed):
    """A process that has to run does not. `explained`: its last words say why; otherwise its log may."""

    default_code = "process_ended"
    child: Child
    explained: bool

    @classmethod
    def of(cls, child: Child) -> Self:
        reason, hint = last_words(child.name, child.last_lines())
        said = f"the {child.name} {child.ending()}"
        error = cls(f"{said}: {reason}" if reason else said, hint=hint or f"Its whole log: {child.log}")
        error.child, error.explained = child, bool(reason)
        return error


def last_words(name: str, lines: Sequence[str]) -> tuple[str, str]:
    """Return (what a program of ours gave as its reason, its hint) from the end of its log; empty where it did not."""
    for at in range(max(0, len(lines) - 2), len(lines)):
        _, mine, reason = lines[at].partition(f"corral-{name}: ")
        if mine:
            return _CODE.sub("", reason), "".join(
                line.removeprefix(_NEXT) for line in lines[at + 1 :] if line.startswith(_NEXT)
            )
    return "", ""


async def wait_ready(hub: Child, url: str, show: Callable[[str], None]) -> None:
    """Return when `/readyz` says yes; as long as the hub lives it may take its time. Raises ChildEnded."""
    async with httpx.AsyncClient(trust_env=False, timeout=5.0) as client:
        while True:
            if not hub.alive:
                raise ChildEnded.of(hub)
            try:
                answer = await client.get(f"{url}/readyz")
            except httpx.HTTPError:  # it does not listen before its database answers
                show(complaint(hub.last_lines(1)) or STARTING)
            else:
                if answer.is_success:
                    return
                show(STARTING)
            await asyncio.sleep(_POLL)


def complaint(lines: Sequence[str]) -> str | None:
    """Return what the hub warns of in the last line of its log (logfmt), for a person; None if it does not."""
    try:
        words = shlex.split(lines[-1]) if lines else []
    except ValueError:
        return None
    said = dict(word.split("=", 1) for word in words if "=" in word)
    if said.get("level") not in ("warning", "error"):
        return None
    subject = said.get("event", "").replace("_", " ")
    details = "; ".join(said[name] for name in ("database", "error", "hint") if said.get(name))
    return f"The hub says: {subject} ({details})" if details else f"The hub says: {subject}"


async def bootstrap(environment: Mapping[str, str]) -> Bootstrap:
    """Ask the hub's own program, which may talk to the database. Raises Failed."""
    body = await run_json("corral_hub", "bootstrap", "--json", environment=environment)
    try:
        return Bootstrap(
            url=str(body["url"]).rstrip("/"),
            admin_email=str(body["admin_email"]),
            admin_password=body.get("admin_password"),
            login_url=body.get("login_url"),
            registration_token=str(body["registration_token"]),
            cli_token=str(body["cli_token"]),
        )
    except KeyError as error:
        raise Failed(
            f"corral_hub bootstrap did not say {error}", hint="Are hub and CLI of the same version? make install"
        ) from error


async def run_json(
    name: str, *arguments: str, environment: Mapping[str, str], stdin: str | None = None
) -> Mapping[str, Any]:
    """Run `python -m NAME ARGUMENTS` and return the JSON object it prints. Raises Failed with its complaint."""
    process = await asyncio.create_subprocess_exec(
        *module(name), *arguments, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=dict(environment), start_new_session=True
    )
    try:
        output, complaint = await process.communicate(stdin.encode() if stdin else b"")
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    try:
        body = json.loads(output)
    except ValueError:
        body = None
    if process.returncode != 0 or not isinstance(body, dict):
        raise _step_failed(f"python -m {name} {arguments[0]}", body, complaint.decode(errors="replace"))
    return body


def _step_failed(command: str, body: Any, complaint: str) -> Failed:
    """Return the error a program of ours reported, as JSON or as its last line."""
    error = body.get("error") if isinstance(body, dict) else None
    told = complaint.strip().splitlines()
    reason = error.get("message") if isinstance(error, dict) else (told[-1] if told else "it said nothing")
    hint = error.get("hint") if isinstance(error, dict) else None
    return Failed(
        f"`{command}` failed: {reason}", code="step_failed", hint=hint or "`corral doctor` looks for the cause."
    )
