"""session send: text and keys, as if they were typed."""

import base64
from typing import Annotated, Any

import typer

from corral_cli.commands.session.arguments import Session, path_of
from corral_cli.context import invocation
from corral_cli.errors import Usage
from corral_cli.reading import read_file
from corral_cli.terminal.key_names import EXAMPLES, bytes_of


def send(
    context: typer.Context,
    session: Session,
    text: Annotated[str | None, typer.Argument(metavar="[TEXT]", help="What to type; `-` reads it from stdin.")] = None,
    file: Annotated[str | None, typer.Option("--file", help="File with what to type.", metavar="FILE")] = None,
    no_enter: Annotated[bool, typer.Option("--no-enter", help="Do not press Enter behind it.")] = False,
    key: Annotated[
        list[str] | None, typer.Option("--key", help="Key to press: C-c, Escape, Up …; may be repeated.", metavar="KEY")
    ] = None,
) -> None:
    """Type into a session: text and Enter, or keys. Whoever drives it is not interrupted; both are typed.

    With --key, nothing is pressed but the keys named, after the text if there is one.

    Examples:
      corral session send build 'make test'
      corral session send build --key C-c
      corral session send agent --no-enter 'half a question'
      corral session send agent y --key Enter
      git diff | corral session send agent -
    """
    cli = invocation(context)
    body = input_body(text, file, key or [], enter=not no_enter)
    cli.output.result(cli.client.post(path_of(session, "input"), body), f"Typed into {session}.")


def input_body(text: str | None, file: str | None, keys: list[str], *, enter: bool) -> dict[str, Any]:
    """Return what the hub is asked to type. Raises Usage."""
    if text is not None and file is not None:
        raise Usage("the text was given twice, directly and as a file", hint="Leave one of them out.")
    if file is not None or text == "-":
        text = read_file(file or "-").removesuffix("\n")
    if text is None and not keys:
        raise Usage("nothing to type was given", hint=f"Give a text, `-`, --file or --key. {EXAMPLES}")
    if not keys:
        return {"text": text, "enter": enter}
    try:
        pressed = b"".join(bytes_of(name) for name in keys)
    except ValueError as error:
        raise Usage(str(error), code="bad_key", hint=EXAMPLES) from error
    return {"data": base64.b64encode((text or "").encode() + pressed).decode()}
