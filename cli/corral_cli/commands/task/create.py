"""task create, task update."""

from typing import Any

import typer

from corral_cli import clock
from corral_cli.body import CreateOptions, create_body, present
from corral_cli.client import segment
from corral_cli.commands.task import arguments as given
from corral_cli.context import Invocation, invocation
from corral_cli.errors import Usage
from corral_cli.lookup import project_id
from corral_cli.mount import NounGroup
from corral_cli.output import talk
from corral_cli.reading import read_document, read_file, text_or_file
from corral_cli.text import short_id
from corral_cli.views import warning_lines

PANEL = "Create and change"
app = typer.Typer(cls=NounGroup)

_OPTIONS = frozenset(CreateOptions.__dataclass_fields__)


@app.command(rich_help_panel=PANEL)
def create(
    context: typer.Context,
    command: given.Command = None,
    title: given.Title = None,
    spec: given.Spec = None,
    spec_file: given.SpecFile = None,
    file: given.File = None,
    task_type: given.Type = None,
    priority: given.Priority = None,
    acceptance_criteria: given.Criteria = None,
    depends_on: given.DependsOnMany = None,
    contract: given.Contract = None,
    structured_spec: given.StructuredSpec = None,
    repo: given.Repo = None,
    branch: given.Branch = None,
    requires: given.Requires = None,
    shell: given.Shell = None,
    agent: given.Agent = None,
    session: given.InSession = None,
    prompt: given.Prompt = None,
    model: given.Model = None,
    directory: given.Directory = None,
    timeout: given.RunTimeout = None,
    env: given.Env = None,
    merge: given.Merge = False,
    assign: given.Assign = None,
    require_plan: given.RequirePlan = False,
    review: given.Review = False,
    client_key: given.ClientKey = None,
) -> None:
    """Create a task. Without a way to run it, an agent or a person does it by hand.

    Examples:
      corral task create --title 'Run the tests' --repo shop -- make test
      corral task create --title 'Fix login' --agent claude_code --spec-file login.md
      corral task create --title 'Tidy up' --session claude_code --repo shop
      corral task create --title Client --depends-on 3f2a:input:api --shell ./client
      echo '{"title": "From a file"}' | corral task create --file - -q
    """
    _create(invocation(context), context.params)  # the options as a table: naming each again would say nothing new


@app.command(rich_help_panel=PANEL)
def update(
    context: typer.Context,
    task: given.OwnTask = None,
    title: given.Title = None,
    spec: given.Spec = None,
    spec_file: given.SpecFile = None,
    task_type: given.Type = None,
    priority: given.Priority = None,
    repo: given.Repo = None,
    branch: given.Branch = None,
    acceptance_criteria: given.Criteria = None,
) -> None:
    """Change what a task says; only what is given changes.

    Examples:
      corral task update 3f2a --priority critical
      corral task update 3f2a --spec - < better.md
    """
    cli = invocation(context)
    body = present(
        title=title,
        spec=_spec(spec, spec_file),
        type=task_type,
        priority=priority,
        target_repo=repo,
        target_branch=branch,
        acceptance_criteria=acceptance_criteria,
    )
    if not body:
        raise Usage("nothing to change was given", hint="Give --title, --spec, --priority, --type, --repo, --branch …")
    found = cli.client.put(given.path_of(cli, task), body)
    cli.output.result(found, f"Updated {short_id(found['id'])}: {', '.join(sorted(body))}.")


def _create(cli: Invocation, options: dict[str, Any]) -> None:
    whole = _read_whole(options["file"])
    structured = options["structured_spec"]
    body = create_body(
        CreateOptions(**{name: value for name, value in options.items() if name in _OPTIONS}),
        whole,
        _spec(options["spec"], options["spec_file"]),
        read_document(read_file(structured), structured) if structured else None,
    )
    project = project_id(cli)
    if project and not cli.client.is_agent:
        body.setdefault("project_id", project)
    body["client_key"] = options["client_key"] or body.get("client_key") or clock.new_key()
    task = cli.client.post("/tasks", body)
    if options["assign"]:
        order = present(session_name=options["assign"], require_plan=options["require_plan"] or None)
        task = cli.client.post(f"/tasks/{segment(task['id'])}/assign", order)
    cli.output.result(task, f"Created {short_id(task['id'])}: {task['title']} ({task['status']}).")
    if not cli.output.machine:
        for line in warning_lines(task):
            talk(line)


def _spec(text: str | None, file: str | None) -> str | None:
    return text_or_file(text, file, "the specification") if text is not None or file is not None else None


def _read_whole(file: str | None) -> dict[str, Any]:
    if file is None:
        return {}
    document = read_document(read_file(file), file)
    if not isinstance(document, dict):
        raise Usage(f"{file} holds no task but a {type(document).__name__}", hint='Write an object: {"title": "…"}.')
    return document
