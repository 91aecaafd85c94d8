"""Options of `task create` and `task update` → the body of the request. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corral_cli.errors import Usage
from corral_cli.text import parse_duration

DIRECTORIES = ("repo", "worktree", "scratch")


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateOptions:
    """The options of `task create` as given; names are those of the command line. At most one way to run."""

    command: Sequence[str] | None = None
    shell: str | None = None
    agent: str | None = None
    session: str | None = None
    prompt: str | None = None
    model: str | None = None
    directory: str | None = None
    timeout: str | None = None
    merge: bool = False
    env: Sequence[str] | None = None
    title: str | None = None
    task_type: str | None = None
    priority: str | None = None
    acceptance_criteria: Sequence[str] | None = None
    depends_on: Sequence[str] | None = None
    contract: Sequence[str] | None = None
    repo: str | None = None
    branch: str | None = None
    requires: Sequence[str] | None = None
    require_plan: bool = False
    review: bool = False


def create_body(options: CreateOptions, whole: Mapping[str, Any], spec: str | None, structured: Any) -> dict[str, Any]:
    """Return the request: options go before the document `whole`; `structured` before what it holds. Raises Usage."""
    said = present(
        title=options.title,
        spec=spec,
        type=options.task_type,
        priority=options.priority,
        acceptance_criteria=list(options.acceptance_criteria or ()),
        dependencies=dependencies_body(options.depends_on or ()),
        target_repo=options.repo,
        target_branch=options.branch,
        structured_spec=merge_spec(
            whole.get("structured_spec") if structured is None else structured,
            run=run_body(options),
            contracts=contracts_body(options.contract or ()),
            requires=requirements_body(options.requires or ()),
            require_plan=options.require_plan,
            review=options.review,
        ),
    )
    body = {**whole, **said}
    if not isinstance(body.get("title"), str) or not body["title"].strip():
        raise Usage("a task needs a title", code="no_title", hint="Give --title, or a --file that has one.")
    return body


def run_body(options: CreateOptions) -> dict[str, Any] | None:
    """Return `structured_spec.run`, None if nothing says how. Raises Usage."""
    ways = [way for way in (options.command, options.shell, options.agent, options.session) if way]
    if len(ways) > 1:
        raise Usage("a task runs in one way", hint="Choose one of --shell, --agent, --session and words after `--`.")
    details = {
        "directory": options.directory,
        "timeout": seconds(options.timeout) if options.timeout else None,
        "merge": options.merge or None,
        "env": variables(options.env or ()) or None,
        "prompt": options.prompt,
        "model": options.model,
    }
    given = {key: value for key, value in details.items() if value is not None}
    if not ways:
        if given:
            name = next(iter(given))
            raise Usage(
                f"--{name} says how a task runs, but not what", hint="Add --shell, --agent, --session or `-- COMMAND`."
            )
        return None
    given.setdefault("directory", "worktree" if options.repo else "scratch")
    if options.agent:
        return {"kind": "agent", "agent": options.agent, **given}
    if options.session:
        return {"kind": "session", "agent": options.session, **given}
    way = {"argv": list(options.command)} if options.command else {"shell": options.shell}
    return {"kind": "command", **way, **given}


def dependencies_body(words: Sequence[str]) -> list[dict[str, str]]:
    """Read `ID`, `ID:type` or `ID:input:key` each. Raises Usage."""
    edges: list[dict[str, str]] = []
    for word in words:
        upstream, _, rest = word.partition(":")
        kind, _, key = rest.partition(":")
        if kind and kind not in ("blocks", "input", "related"):
            raise Usage(f"{kind!r} is no kind of dependency", hint="Write ID, ID:blocks, ID:related or ID:input:KEY.")
        edge = {"depends_on_task_id": upstream, "dependency_type": kind or "blocks"}
        edges.append({**edge, "contract_key": key} if key else edge)
    return edges


def contracts_body(words: Sequence[str]) -> list[dict[str, Any]]:
    """Read `key` (required) or `key?` (optional) each."""
    return [{"key": word.rstrip("?"), "required": not word.endswith("?")} for word in words]


def requirements_body(words: Sequence[str]) -> dict[str, Any]:
    """Read `name=value` each; a name given twice collects a list. Raises Usage."""
    single = frozenset({"repo", "server", "prefer_server", "agent"})
    many = frozenset({"languages", "environments", "tools", "tags", "nodes"})
    result: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        name = name if name in single or f"{name}s" not in many else f"{name}s"
        if not equals or not value or name not in single | many:
            legal = ", ".join(sorted(single | many))
            raise Usage(f"{word!r} is no requirement", hint=f"Write NAME=VALUE with one of {legal}.")
        if name in single:
            result[name] = value
        else:
            result.setdefault(name, []).extend(part for part in value.split(",") if part)
    return result


def merge_spec(given: Any, **parts: Any) -> dict[str, Any] | None:
    """Return structured_spec: the document given, with the parts that options set on top. Raises Usage."""
    if given is not None and not isinstance(given, Mapping):
        raise Usage("the structured specification must be an object", hint='It begins with {, e.g. {"run": {…}}.')
    merged = {**(given or {}), **{key: value for key, value in parts.items() if value}}
    return merged or None


def present(**fields: Any) -> dict[str, Any]:
    """Return the fields that are set."""
    return {key: value for key, value in fields.items() if value is not None and value != []}


def seconds(text: str) -> float:
    """Return a duration option as seconds. Raises Usage."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise Usage(str(error), code="bad_duration", hint="Examples: 90s, 10m, 1h30m.") from error


def variables(words: Sequence[str]) -> dict[str, str]:
    """Read `NAME=value` each. Raises Usage."""
    pairs = [word.partition("=") for word in words]
    for name, equals, _ in pairs:
        if not equals or not name:
            raise Usage(f"{name!r} is no variable", hint="Write --env NAME=value.")
    return {name: value for name, _, value in pairs}
