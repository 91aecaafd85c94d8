"""workflow run."""

from typing import Annotated, Any

import typer

from corral_cli.commands.run.arguments import Timeout, Watch
from corral_cli.commands.run.steer import begun
from corral_cli.commands.run.watching import finish, follow_run
from corral_cli.commands.workflow.arguments import Workflow, path_of
from corral_cli.context import invocation
from corral_cli.errors import Usage
from corral_cli.lazy import lazy
from corral_cli.reading import json_or_text, read_file

document = lazy("corral_cli.workflow.document")

Input = Annotated[
    list[str] | None, typer.Option("--input", help="One input; JSON or a text. May be repeated.", metavar="NAME=VALUE")
]
Inputs = Annotated[
    str | None, typer.Option("--inputs", help="All of them: JSON or YAML; `-` is stdin.", metavar="FILE")
]
Trigger = Annotated[str | None, typer.Option(help="Node to begin at, where there are several.", metavar="NODE")]
Draft = Annotated[bool, typer.Option("--draft", help="Try out the draft as it is now; nothing is published.")]
Only = Annotated[
    str | None,
    typer.Option("--only", help="Run this node alone, on what others put out last or have pinned.", metavar="NODE"),
]
Wait = Annotated[bool, typer.Option("--wait", help="Wait for its end, and exit as it ended.")]
Patient = Annotated[bool, typer.Option("--patient", help="Wait also while a person has to answer.")]


def run(
    context: typer.Context,
    workflow: Workflow,
    version: Annotated[int | None, typer.Argument(metavar="[VERSION]", help="Else: the published one.", min=1)] = None,
    one_input: Input = None,
    inputs: Inputs = None,
    trigger: Trigger = None,
    draft: Draft = False,
    only: Only = None,
    wait: Wait = False,
    watch: Watch = False,
    patient: Patient = False,
    timeout: Timeout = None,
) -> None:
    """Begin a run of a workflow: of what is published, or with --draft of the draft as it is now.

    A test run of the draft keeps the draft as it is now for as long as the run is kept. It is no version: it cannot be
    deployed or gone back to. What fails in it is no dead letter.

    With --wait or --watch: exit code 0 completed · 1 failed or cancelled · 6 a person has to answer first (--wait
    without --patient) · 124 the timeout is over.

    Examples:
      corral workflow run release --input branch=main --input retries=3
      corral workflow run release --inputs order.json --watch
      corral workflow run release 3 --wait --json | jq .output
      corral workflow run release --draft --only build --watch
    """
    cli = invocation(context)
    if wait and watch:
        raise Usage("--watch waits, too", hint="Leave out --wait.")
    body: dict[str, Any] = {"inputs": read_inputs(one_input or [], inputs), "trigger": trigger, "only": only}
    body |= _source(version, draft)
    begin = {name: value for name, value in body.items() if value is not None}
    found = cli.client.post(path_of(workflow, "runs"), begin)
    if not wait:
        begun(cli, found, watch=watch, timeout=timeout)
        return
    finish(cli, follow_run(cli, str(found["id"]), timeout=timeout, seen=False, patient=patient))


def _source(version: int | None, draft: bool) -> dict[str, Any]:
    """Return what says which definition is run. Raises Usage for two of them."""
    if draft and version is not None:
        raise Usage("a run is of a version or of the draft", hint="Leave out --draft, or the version.")
    return {"version": version, "draft": draft or None}


def read_inputs(words: list[str], file: str | None) -> Any:
    """Return what a run is given: the file's value, with single ones on top of an object. Raises Usage."""
    given: Any = document.read(read_file(file), file).value if file is not None else None
    single: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise Usage(f"{word!r} is no input", hint="Write NAME=VALUE, e.g. --input branch=main.")
        single[name] = json_or_text(value)
    if not single:
        return given
    if given is not None and not isinstance(given, dict):
        raise Usage("--input names a part of an object", hint=f"What {file} holds is none; leave out --input.")
    return {**(given or {}), **single}
