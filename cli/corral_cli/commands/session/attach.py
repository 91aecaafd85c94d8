"""session attach, and `corral attach`."""

import os
import signal
from functools import partial
from typing import Any

import typer

from corral_cli.commands.session.arguments import (
    AllowClipboard,
    AllowTitles,
    DetachKeys,
    Offset,
    Session,
    Take,
    View,
    name_of,
    path_of,
)
from corral_cli.context import Invocation, invocation
from corral_cli.errors import BadConfig, Failed, NotPermitted, Usage
from corral_cli.lazy import lazy
from corral_cli.output import talk
from corral_cli.terminal.awaited import ENDED as ENDED_STATUSES
from corral_cli.terminal.detach_keys import EXAMPLES, Key, parse_keys
from corral_cli.terminal.endings import Detached, Ended, Ending, Left, exit_code_of
from corral_cli.terminal.guard import Allowed
from corral_cli.terminal.wish import Wish
from corral_protocol.vocabulary import SessionMode

dialling = lazy("corral_cli.terminal.dial")
visit = lazy("corral_cli.terminal.visit")


def attach(
    context: typer.Context,
    session: Session,
    view: View = False,
    take: Take = False,
    detach_keys: DetachKeys = None,
    allow_clipboard: AllowClipboard = False,
    allow_titles: AllowTitles = False,
    offset: Offset = None,
) -> None:
    """Bring a session into this terminal. Ctrl-\\ and then d leaves it; it goes on without you.

    You drive it unless somebody else does; then you watch, and --take takes control. Your window decides its size
    while you drive. After a lost connection the output goes on where it stopped. What the session prints goes to your
    terminal as it is, but it can neither write your clipboard nor change your title unless you allow it.

    Other keys for leaving: --detach-keys, CORRAL_DETACH_KEYS, or `corral config set detach_keys ctrl-p,ctrl-q`.

    Exit codes: 0 you left · that of the session when it ends (128+n: by signal n) · 1 it was lost.

    Examples:
      corral attach build
      corral attach 9c41 (the task in it)
      corral attach 3f2a --view
      corral attach build --take --detach-keys ctrl-p,ctrl-q
      corral attach build --view --offset 0 > everything.txt
    """
    cli = invocation(context)
    if view and take:
        raise Usage("--view watches and --take drives", hint="Choose one of them.")
    wish = Wish(
        keys=read_detach_keys(cli, detach_keys),
        allowed=Allowed(clipboard=allow_clipboard, titles=allow_titles),
        mode=SessionMode.VIEW if view else SessionMode.DRIVE,
        take=take,
        offset=offset,
        session=found_for(cli, session, view),
    )
    visit_session(cli, wish)


def found_for(cli: Invocation, session: str, view: bool) -> dict[str, Any]:
    """Return the session, once it is clear that it can be shown here. Raises Usage, NotFound."""
    require_terminal(view)
    return cli.client.get(path_of(session))


def read_detach_keys(cli: Invocation, given: str | None) -> tuple[Key, ...]:
    """Return the keys given, or those of the settings. Raises Usage, BadConfig."""
    setting = cli.loaded.settings["detach_keys"]
    try:
        return parse_keys(given if given is not None else setting.value or "")
    except ValueError as error:
        if given is not None:
            raise Usage(f"--detach-keys: {error}", code="bad_keys", hint=EXAMPLES) from error
        raise BadConfig(f"detach_keys (from {setting.where}): {error}", code="bad_keys", hint=EXAMPLES) from error


def require_terminal(view: bool) -> None:
    """Raises Usage unless somebody is there to see it, and to type."""
    if view or (os.isatty(0) and os.isatty(1)):
        return
    raise Usage(
        "there is no terminal here to attach the session to",
        code="no_terminal",
        hint="`corral session read` shows its screen, `corral session send` types into it, --view follows it.",
    )


def visit_session(cli: Invocation, wish: Wish) -> None:
    """Attach, say how it ended, and leave with the exit code that goes with it. Raises typer.Exit, CliError."""
    client = cli.client
    token = client.credential.token or client.credential.api_key
    if token is None:
        raise NotPermitted(f"you are not logged in to {client.hub_url}")
    ending: Ending = Ended(str(wish.session.get("status")), wish.session)
    if wish.session.get("status") not in ENDED_STATUSES:
        ending = visit.attach(wish, partial(dialling.dial, client.hub_url, token, wish.session_id))
    if isinstance(ending, Ended) and not ending.details:  # it was over when we came, or came back
        found = client.get(path_of(wish.session_id))
        ending = Ended(str(found.get("status")), found)
    _leave(cli, wish, ending)


def _leave(cli: Invocation, wish: Wish, ending: Ending) -> None:
    """Raises typer.Exit, Failed."""
    name = name_of(wish.session)
    result: dict[str, Any] = {"id": wish.session_id, "name": wish.session.get("name")}
    match ending:
        case Detached():
            code, sentence = 0, f"Detached from {name}; it goes on. `corral attach {name}` brings it back."
            result["ending"] = "detached"
        case Left(signal=number):
            code, sentence = 128 + number, ""
            result["ending"] = signal.Signals(number).name
        case Ended():
            code, sentence = _code_of(name, wish.session_id, ending)
            result["ending"] = ending.event
    if cli.output.machine:
        cli.output.json({**result, "exit_code": code})
    elif sentence:
        talk(sentence)
    raise typer.Exit(code)


def _code_of(name: str, session_id: str, ended: Ended) -> tuple[int, str]:
    code = exit_code_of(ended.details)
    if code is None:
        why = ended.details.get("error")
        raise Failed(
            f"{name} is {ended.event}" + (f": {why}" if why else "; how it ended is not known"),
            code=f"session_{ended.event}",
            hint=f"`corral session show {session_id[:8]}` tells what is known.",
        )
    signalled = ended.details.get("signal")
    return code, f"{name} has ended: " + (f"signal {signalled}." if signalled else f"exit code {code}.")
